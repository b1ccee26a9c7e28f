import numpy as np
import pytest
import scipy.sparse as sp
import torch
from torch.testing import assert_close

from mmgraph.nn import interaction_gram, multiply_left_, ridge_inverse_, ridge_solution_, ridge_weights_
from mmgraph.nn.closed_form import ridge


def chosen(rows, columns, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return (torch.rand(rows, columns, generator=generator) < 0.3).double()


@pytest.fixture(params=[512, 4])
def block(request, monkeypatch):
    """All rows at once, or a few."""
    monkeypatch.setattr(ridge, "BLOCK", request.param)


@pytest.mark.usefixtures("block")
def test_the_gram_is_the_dense_product():
    x = chosen(20, 9)
    gram = interaction_gram(sp.csr_array(x.float().numpy()))
    assert gram.dtype == torch.float32
    assert torch.equal(gram.double(), x.T @ x)


@pytest.mark.usefixtures("block")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_inverse_takes_the_place_of_the_matrix(dtype):
    x = chosen(20, 9)
    gram = (x.T @ x).to(dtype)
    expected = torch.linalg.inv(x.T @ x + 3 * torch.eye(9).double())
    found = ridge_inverse_(gram, 3.0)
    assert found.data_ptr() == gram.data_ptr()
    assert torch.equal(found, found.T)
    assert_close(found.double(), expected, atol=1e-5, rtol=1e-4)


def test_each_items_weights_are_least_squares_on_all_other_items():
    """Column by column, by a solver that knows nothing of the closed form: the ridge as further rows."""
    x, weight = chosen(40, 12), 2.5
    found = ridge_weights_(x.T @ x, weight)
    assert not found.diagonal().any()
    for item in range(12):
        others = [other for other in range(12) if other != item]
        left = torch.cat([x[:, others], weight**0.5 * torch.eye(11).double()])
        right = torch.cat([x[:, item], torch.zeros(11).double()])
        expected, *_ = np.linalg.lstsq(left.numpy(), right.numpy(), rcond=None)
        np.testing.assert_allclose(found[others, item], expected, atol=1e-10)


def test_further_items_are_solved_for_as_if_they_had_been_there():
    x = chosen(40, 12)
    old, new = x[:, :9], x[:, 9:]
    found = ridge_solution_(old.T @ old, old.T @ new, 2.0)
    for place in range(3):
        one = torch.cat([old, new[:, place : place + 1]], dim=1)
        assert_close(found[:, place], ridge_weights_(one.T @ one, 2.0)[:9, 9])


@pytest.mark.usefixtures("block")
def test_products_take_the_place_of_the_right_matrix():
    left, right = chosen(9, 9), chosen(9, 9, seed=1)
    expected = left @ right
    found = multiply_left_(left, right)
    assert found is right
    assert_close(found, expected)


def test_what_cannot_be_inverted_is_refused():
    with pytest.raises(ValueError, match="cannot be solved with an L2 weight of 0: the matrix is singular"):
        ridge_inverse_(torch.ones(4, 4), 0.0)
