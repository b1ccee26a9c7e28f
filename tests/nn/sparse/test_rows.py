import scipy.sparse as sp
import torch

from mmgraph.nn import (
    entry_values,
    interaction_coo,
    interaction_csr,
    product_entries,
    product_rows,
    row_entries,
    sparse_tensor,
)
from mmgraph.nn.sparse import rows as module
from tests.conftest import adjacency


def random_matrix(rows, columns, seed):
    dense = torch.rand(rows, columns, generator=torch.Generator().manual_seed(seed))
    dense[dense < 0.6] = 0
    return dense, dense.to_sparse().coalesce()


def test_product_rows_and_entries_are_those_of_the_dense_product(monkeypatch):
    (left, sparse_left), (right, sparse_right) = random_matrix(7, 5, 0), random_matrix(5, 9, 1)
    rows, columns = torch.tensor([6, 0, 6, 3]), torch.tensor([[0, 8], [1, 1], [5, 2], [7, 0]])
    for block_size in (2**21, 3):
        monkeypatch.setattr(module, "BLOCK_SIZE", block_size)
        torch.testing.assert_close(product_rows(sparse_left, sparse_right, rows), (left @ right)[rows])
        found = product_entries(sparse_left, sparse_right, rows, columns)
        torch.testing.assert_close(found, (left @ right)[rows].gather(1, columns))
        found = product_entries(sparse_left, sparse_right, rows, columns[:, 0])
        torch.testing.assert_close(found, (left @ right)[rows, columns[:, 0]])


def test_products_with_a_dense_matrix():
    (left, _), (right, _) = random_matrix(7, 5, 0), random_matrix(5, 9, 1)
    left[2] = 0
    sparse_left = left.to_sparse().coalesce()
    rows, columns = torch.tensor([6, 2, 6, 3, 2]), torch.tensor([[0, 8], [1, 1], [5, 2], [7, 0], [0, 0]])
    torch.testing.assert_close(product_rows(sparse_left, right, rows), (left @ right)[rows])
    assert product_rows(sparse_left, right, rows[:0]).shape == (0, 9)
    assert torch.equal(product_rows(sparse_left, right, rows[1:2]), torch.zeros(1, 9))
    found = product_entries(sparse_left, right, rows, columns)
    torch.testing.assert_close(found, (left @ right)[rows].gather(1, columns))


def test_row_entries_rebuild_the_rows():
    dense, sparse = random_matrix(6, 4, 2)
    rows = torch.tensor([5, 5, 0, 2])
    position, column, value = row_entries(sparse, rows)
    assert torch.equal(torch.zeros(4, 4).index_put((position, column), value), dense[rows])
    assert [part.numel() for part in row_entries(sparse, rows[:0])] == [0, 0, 0]


def test_entry_values_are_zero_where_nothing_is():
    dense, sparse = random_matrix(6, 4, 3)
    row, column = torch.arange(6)[:, None], torch.arange(4)
    assert torch.equal(entry_values(sparse, row, column), dense)
    empty = torch.zeros(6, 4).to_sparse().coalesce()
    assert torch.equal(entry_values(empty, row, column), torch.zeros(6, 4))


def test_from_edges_and_from_scipy():
    edges = torch.tensor([[2, 0, 1], [0, 3, 3]])
    matrix = interaction_csr(edges, 3, 4)
    tensor = sparse_tensor(matrix, torch.device("cpu"))
    assert tensor.is_coalesced()
    assert torch.equal(tensor.to_dense(), torch.zeros(3, 4).index_put((edges[0], edges[1]), torch.ones(3)))
    unsorted = sp.csr_array(([1.0, 2.0], [3, 1], [0, 2]), shape=(1, 4))
    assert sparse_tensor(unsorted, torch.device("cpu")).to_dense().tolist() == [[0, 2, 0, 1]]


def test_interactions_of_a_graph_and_what_samples_of_them_stand_for(graph):
    found = interaction_coo(graph)
    assert found.is_coalesced()
    assert torch.equal(found.to_dense(), adjacency(graph))
    assert interaction_coo(graph) is found
    scale = torch.linspace(1, 2, graph["user"].num_nodes)
    graph["item", "rev_interacts", "user"].sample_scale = scale
    assert torch.equal(interaction_coo(graph).to_dense(), scale[:, None] * adjacency(graph))
