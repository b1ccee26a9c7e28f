import gc

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmgraph.nn import spmm as public_spmm
from mmgraph.nn.sparse.spmm import TensorCache, _adjacencies, csr_matmul, spmm


def dense(edge_index, weight, num_sources, num_targets):
    matrix = torch.zeros(num_targets, num_sources, dtype=weight.dtype)
    return matrix.index_put((edge_index[1], edge_index[0]), weight, accumulate=True)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 7), st.integers(1, 7), st.integers(0, 30), st.integers(1, 5), st.integers(0, 999))
def test_equals_the_dense_product_forward_and_backward(sources, targets, edges, dim, seed):
    torch.manual_seed(seed)
    edge_index = torch.stack([torch.randint(sources, (edges,)), torch.randint(targets, (edges,))])
    weight = torch.randn(edges)
    x = torch.randn(sources, dim, requires_grad=True)
    y = spmm(x, edge_index, weight, targets)
    upstream = torch.randn_like(y)
    (grad,) = torch.autograd.grad(y, x, upstream)
    matrix = dense(edge_index, weight, sources, targets)
    torch.testing.assert_close(y, matrix @ x.detach(), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(grad, matrix.T @ upstream, atol=1e-5, rtol=1e-5)


def test_gradcheck_in_double_precision():
    edge_index = torch.tensor([[0, 1, 2, 2], [1, 0, 0, 1]])
    weight = torch.tensor([0.5, 2.0, -1.0, 3.0], dtype=torch.double)
    x = torch.randn(3, 2, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: spmm(x, edge_index, weight, 2), (x,))


def test_a_change_in_place_is_noticed():
    edge_index, weight, x = torch.tensor([[0], [0]]), torch.ones(1), torch.ones(1, 1)
    assert spmm(x, edge_index, weight, 1).item() == 1
    weight.mul_(5)
    assert spmm(x, edge_index, weight, 1).item() == 5
    edge_index[1, 0] = 1
    assert spmm(x, edge_index, weight, 2).tolist() == [[0], [5]]


def test_nothing_outlives_its_graph():
    gc.collect()
    before = len(_adjacencies)
    edge_index, weight = torch.tensor([[0], [0]]), torch.ones(1)
    spmm(torch.ones(1, 1), edge_index, weight, 1)
    assert len(_adjacencies) == before + 1
    del edge_index, weight
    gc.collect()
    assert len(_adjacencies) == before


def test_entries_of_dead_weights_do_not_pile_up():
    cache, edge_index = TensorCache(), torch.tensor([[0], [0]])
    for value in range(5):
        cache(lambda value=value: value, (edge_index, torch.full((1,), float(value))))
    assert len(cache._entries[edge_index]) == 1


def test_weights_that_need_gradients_are_refused():
    with pytest.raises(ValueError, match="edge_weight requires gradients"):
        public_spmm(torch.ones(1, 1), torch.tensor([[0], [0]]), torch.ones(1, requires_grad=True), 1)


def test_keeps_full_precision_under_autocast():
    edge_index, weight = torch.tensor([[0, 1], [0, 0]]), torch.tensor([1.0, 2**-12])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = spmm(torch.ones(2, 1), edge_index, weight, 1)
    assert y.dtype == torch.float32
    assert y.item() == 1 + 2**-12


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_what_stood_in_the_memory_of_the_result_is_never_read(dtype, monkeypatch):
    """Not even where it is not a number: rows without edges become zero."""
    matrix = torch.tensor([[0.0, 2.0], [0.0, 0.0]], dtype=dtype).to_sparse_csr()
    monkeypatch.setattr(torch.Tensor, "new_empty", lambda x, *size: x.new_full(size, torch.nan))
    result = csr_matmul(matrix, torch.ones(2, 3, dtype=dtype))
    assert result.tolist() == [[2.0, 2.0, 2.0], [0.0, 0.0, 0.0]]
