import pytest
import torch

from mmgraph.nn import HypergraphConv


@pytest.fixture
def incidence():
    return torch.rand(7, 3) * (torch.rand(7, 3) < 0.6)


def test_equals_the_product_over_pairs_of_nodes(incidence):
    """The sum over all pairs that the conv never writes down: x'_i = sum_j (sum_a H_ia H_ja) x_j."""
    x = torch.randn(7, 4)
    expected = torch.stack([sum((incidence[i] @ incidence[j]) * x[j] for j in range(7)) for i in range(7)])
    torch.testing.assert_close(HypergraphConv()(x, incidence), expected, atol=1e-5, rtol=1e-5)


def test_sparse_incidence_gives_the_same_vectors_and_gradients(incidence):
    x, conv = torch.randn(7, 4).requires_grad_(), HypergraphConv()
    dense, sparse = incidence.clone().requires_grad_(), incidence.to_sparse_coo().requires_grad_()
    results = conv(x, dense), conv(x, sparse)
    torch.testing.assert_close(*results, atol=1e-6, rtol=1e-6)
    upstream = torch.randn(7, 4)
    of_dense, of_sparse = (
        torch.autograd.grad(y, (x, h), upstream) for y, h in zip(results, (dense, sparse), strict=True)
    )
    torch.testing.assert_close(of_dense[0], of_sparse[0], atol=1e-6, rtol=1e-6)
    torch.testing.assert_close(of_dense[1] * (incidence != 0), of_sparse[1].to_dense(), atol=1e-6, rtol=1e-6)


def test_targets_may_be_other_nodes(incidence):
    x, target = torch.randn(7, 4), torch.rand(2, 3)
    torch.testing.assert_close(HypergraphConv()(x, incidence, target), target @ (incidence.T @ x))
