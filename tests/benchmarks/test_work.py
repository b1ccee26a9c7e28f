import warnings

import pytest
import torch
from work import Work, num_bytes

from mmgraph.nn import spmm


@pytest.fixture
def x():
    return torch.randn(3, 4, requires_grad=True)


@pytest.fixture
def weight():
    return torch.randn(4, 5, requires_grad=True)


PRODUCT = 2 * 3 * 4 * 5


def test_a_matrix_product_counts_two_for_each_multiply_add(x, weight):
    with Work() as work:
        x @ weight
    assert (work.operations, work.moved) == (PRODUCT, 0)


def test_backward_counts_a_product_for_each_factor(x, weight):
    with Work() as work:
        (x @ weight).sum().backward()
    assert work.operations == 3 * PRODUCT


def test_a_product_with_a_bias_counts_the_product(x, weight):
    with Work() as work:
        torch.addmm(torch.zeros(5), x, weight).sum().backward()
    assert work.operations == 3 * PRODUCT


def test_a_linear_layer_counts_no_gradient_that_nobody_asks_for(weight):
    with Work() as work:
        torch.nn.functional.linear(torch.randn(3, 4), weight.T, torch.zeros(5)).sum().backward()
    assert work.operations == 2 * PRODUCT


def test_batched_products_count_each_of_the_batch():
    a, b = torch.randn(7, 3, 4, requires_grad=True), torch.randn(7, 4, 5, requires_grad=True)
    with Work() as work:
        (a @ b).sum().backward()
    assert work.operations == 3 * 7 * PRODUCT


def test_a_matrix_times_a_vector():
    with Work() as work:
        torch.mv(torch.randn(3, 4), torch.randn(4))
    assert work.operations == 2 * 3 * 4


def test_element_wise_work_counts_nothing(x):
    with Work() as work:
        (x * x).exp().sum().backward()
    assert (work.operations, work.moved) == (0, 0)


def test_a_sparse_product_moves_its_operands_and_its_result_once_each_way():
    edge_index, edge_weight = torch.tensor([[0, 1, 1, 3, 3], [0, 0, 2, 1, 2]]), torch.ones(5)
    source = torch.randn(4, 2, requires_grad=True)
    edges = 5 * (4 + 4)
    vectors = 4 * (4 * 2 + 3 * 2)
    with Work() as work:
        target = spmm(source, edge_index, edge_weight, 3)
    assert (work.operations, work.moved) == (0, edges + 4 * (3 + 1) + vectors)
    with Work() as work:
        target.sum().backward()
    assert (work.operations, work.moved) == (0, edges + 4 * (4 + 1) + vectors)


def test_bytes_of_each_layout():
    dense = torch.tensor([[0.0, 1.0, 2.0], [3.0, 0.0, 0.0]])
    assert num_bytes(dense) == 6 * 4
    assert num_bytes(dense.double()) == 6 * 8
    assert num_bytes(dense.to_sparse_coo()) == 3 * (2 * 8 + 4)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
        csr = dense.to_sparse_csr()
    assert num_bytes(csr) == (2 + 1) * 8 + 3 * (8 + 4)
