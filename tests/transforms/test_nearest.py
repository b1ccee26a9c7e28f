import sys

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from mmgraph.transforms import knn_graph, nearest_rows
from mmgraph.transforms.nearest import _Asked, _inverted_lists, _search


def clustered(num_rows, *, num_clusters=40, dim=16, seed=0):
    generator = torch.Generator().manual_seed(seed)
    centres = torch.randn(num_clusters, dim, generator=generator)
    cluster = torch.randint(num_clusters, (num_rows,), generator=generator)
    return F.normalize(centres[cluster] + 0.3 * torch.randn(num_rows, dim, generator=generator), dim=1)


def recall(found, truth):
    return (truth.unsqueeze(2) == found.unsqueeze(1)).any(2).float().mean()


@given(num_rows=st.integers(2, 30), chunk_size=st.integers(1, 40), self_loops=st.booleans(), data=st.data())
def test_every_row_has_its_most_similar_ones(num_rows, chunk_size, self_loops, data):
    k = data.draw(st.integers(1, num_rows - 1))
    z = clustered(num_rows, seed=num_rows)
    similarity, neighbor = nearest_rows(z, k, self_loops=self_loops, chunk_size=chunk_size)
    products = z @ z.T
    if not self_loops:
        products.fill_diagonal_(-1.0)
    torch.testing.assert_close(similarity, products.sort(dim=1, descending=True).values[:, :k])
    torch.testing.assert_close(similarity, products.gather(1, neighbor))


def test_other_rows_find_their_most_similar_ones():
    z = clustered(30)
    queries = clustered(7, seed=1)
    similarity, neighbor = nearest_rows(z, 4, queries=queries, chunk_size=3)
    products = queries @ z.T
    torch.testing.assert_close(similarity, products.sort(dim=1, descending=True).values[:, :4])
    torch.testing.assert_close(similarity, products.gather(1, neighbor))


def test_a_query_finds_its_equal_whether_or_not_a_row_may_be_near_itself():
    z = clustered(10)
    assert nearest_rows(z, 1, queries=z[3:5], self_loops=False)[1].flatten().tolist() == [3, 4]


def test_other_rows_are_searched_nearly_too():
    pytest.importorskip("faiss")
    z = clustered(3000)
    queries = clustered(200, seed=0)[:200]
    _, truth = nearest_rows(z, 10, queries=queries)
    similarity, found = nearest_rows(z, 10, queries=queries, recall=0.95)
    assert recall(found, truth) > 0.93
    torch.testing.assert_close(similarity, (queries.unsqueeze(1) * z[found]).sum(-1))


@pytest.mark.parametrize("self_loops", [True, False])
def test_an_approximate_search_finds_the_share_asked_for(self_loops):
    pytest.importorskip("faiss")
    z = clustered(3000)
    _, truth = nearest_rows(z, 10, self_loops=self_loops)
    similarity, found = nearest_rows(z, 10, self_loops=self_loops, recall=0.95)
    assert recall(found, truth) > 0.93  # it is judged on 1,024 of the 3,000 rows
    torch.testing.assert_close(similarity, (z.unsqueeze(1) * z[found]).sum(-1))
    assert (similarity.diff(dim=1) <= 0).all()
    if not self_loops:
        assert not (found == torch.arange(3000).unsqueeze(1)).any()


def test_rows_whose_lists_are_too_short_are_ranked_exactly():
    pytest.importorskip("faiss")
    z = clustered(1000, num_clusters=60)
    index = _inverted_lists(z)
    short = (_search(index, 100, _Asked(z, None))[1] < 0).any(dim=1)
    assert short.any()  # one list of some 64 rows cannot hold 100
    _, found = nearest_rows(z, 100, recall=0.01)
    _, truth = nearest_rows(z, 100)
    assert (found >= 0).all()
    assert recall(found[short], truth[short]) == 1.0


def test_few_rows_are_ranked_exactly_whatever_is_asked():
    z = clustered(20)
    assert torch.equal(nearest_rows(z, 3, recall=0.1)[1], nearest_rows(z, 3)[1])


def test_the_graph_of_an_approximate_search():
    pytest.importorskip("faiss")
    z = clustered(1000)
    edge_index, weight = knn_graph(z, 5, recall=0.9)
    exact, _ = knn_graph(z, 5)
    assert edge_index.shape == exact.shape
    torch.testing.assert_close(weight, (z[edge_index[0]] * z[edge_index[1]]).sum(1))


@pytest.mark.parametrize("value", [0, 1, 1.5, -0.1])
def test_a_share_that_is_none(value):
    with pytest.raises(ValueError, match="recall must be between 0 and 1"):
        nearest_rows(torch.eye(3), 1, recall=value)


def test_without_faiss_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install -e \"\.\[search\]\""):
        nearest_rows(clustered(100), 1, recall=0.9)
