import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmgraph.losses import feature_decorrelation


def expected_value(x):
    r"""Eq. 20: ``1 / sqrt(2) * ||P - I||``, P by numpy."""
    return np.linalg.norm(np.corrcoef(x, rowvar=False) - np.eye(x.shape[1])) / np.sqrt(2)


@given(st.integers(2, 30), st.integers(2, 8), st.integers(0, 999))
def test_equals_numpy_and_keeps_its_bounds(num_nodes, dim, seed):
    x = np.random.default_rng(seed).normal(size=(num_nodes, dim))
    value = feature_decorrelation(torch.tensor(x)).item()
    assert value == pytest.approx(expected_value(x), abs=1e-9)
    assert 0 <= value <= np.sqrt(dim * (dim - 1) / 2) + 1e-9


@given(st.integers(0, 999))
def test_neither_scale_nor_place_of_a_dimension_matters(seed):
    draw = np.random.default_rng(seed)
    x, scale, shift = draw.normal(size=(9, 4)), draw.choice([-3.0, 0.01, 7.0], size=4), draw.normal(size=4) * 5
    a, b = (feature_decorrelation(torch.tensor(y)).item() for y in (x, x * scale + shift))
    assert a == pytest.approx(b, abs=1e-8)


def test_by_hand():
    """Columns 1 and 2 are equal, column 3 is orthogonal to both once centred: P has one pair of ones."""
    x = torch.tensor([[1.0, 1.0, 2.0], [1.0, 1.0, 0.0], [3.0, 3.0, 2.0], [3.0, 3.0, 0.0]])
    assert feature_decorrelation(x).item() == pytest.approx(1.0)
    assert feature_decorrelation(x[:, 1:]).item() == pytest.approx(0.0, abs=1e-6)
    # cov = (3 * 1 + 0 - 3 * -1) with deviations sqrt(2) and sqrt(18 + 8): r = 6 / sqrt(52)
    assert feature_decorrelation(torch.tensor([[1.0, 3.0], [0.0, -2.0], [-1.0, -3.0], [0.0, 2.0]])).item() == (
        pytest.approx(6 / 52**0.5)
    )


def test_gradients():
    x = torch.randn(12, 5, dtype=torch.float64, requires_grad=True)
    torch.autograd.gradcheck(feature_decorrelation, x)
    (grad,) = torch.autograd.grad(feature_decorrelation(x), x, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        grad.sum().backward()


@pytest.mark.parametrize("constant", [0.0, 0.1, -1e4, 1e-20])
def test_a_dimension_without_spread_correlates_with_nothing(constant):
    """Rounding must not make up a spread, however many rows: 0.1 is no binary fraction."""
    free = torch.randn(40_000, 3)
    x = torch.cat([free, torch.full((40_000, 2), constant)], dim=1).requires_grad_()
    value = feature_decorrelation(x)
    (grad,) = torch.autograd.grad(value, x)
    torch.testing.assert_close(value, feature_decorrelation(free))
    assert grad.isfinite().all()
    assert grad[:, :3].any()
    assert not grad[:, 3:].any()


@pytest.mark.parametrize("shape", [(5, 1), (1, 4), (3, 2)])
def test_nothing_to_correlate_is_zero_with_zero_gradient(shape):
    x = torch.ones(shape, requires_grad=True)
    value = feature_decorrelation(x)
    value.backward()
    assert value.item() == 0
    assert not x.grad.any()


def test_small_spread_around_a_large_mean_still_counts():
    x = torch.randn(1000, 4, dtype=torch.float64)
    moved = (x * 1e-3 + 1).float()
    assert feature_decorrelation(moved).item() == pytest.approx(expected_value(x.numpy()), rel=1e-3)


def test_half_precision_is_widened_and_autocast_is_off():
    x = torch.randn(200, 6).bfloat16()
    value = feature_decorrelation(x)
    assert value.dtype == torch.float32
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(feature_decorrelation(x.float()), value)
