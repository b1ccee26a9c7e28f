import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from mmgraph.nn import scale_by_cosine


def drawn(rows, dim, seed):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(rows, dim, dtype=torch.float64, generator=generator).requires_grad_() for _ in range(2)]


@given(st.integers(1, 7), st.integers(1, 5), st.integers(0, 99))
def test_values_and_gradients_are_those_of_torch(rows, dim, seed):
    x, reference = drawn(rows, dim, seed)
    weights = torch.randn(rows, dim, dtype=torch.float64)
    expected = x * F.cosine_similarity(x, reference, dim=-1).unsqueeze(-1)
    found = scale_by_cosine(x, reference)
    torch.testing.assert_close(found, expected)
    ours, theirs = (torch.autograd.grad((y * weights).sum(), (x, reference)) for y in (found, expected))
    torch.testing.assert_close(ours, theirs)


def test_numerical_gradients():
    assert torch.autograd.gradcheck(scale_by_cosine, drawn(4, 3, 0))


@pytest.mark.parametrize("zero", [0, 1])
def test_a_vector_of_zeros_has_finite_gradients(zero):
    pair = drawn(2, 3, 0)
    with torch.no_grad():
        pair[zero][0] = 0.0
    found = scale_by_cosine(*pair)
    assert not found[0].any()
    assert all(grad.isfinite().all() for grad in torch.autograd.grad(found.sum(), pair))


def test_what_a_compiler_sees_is_the_same(monkeypatch):
    pair = drawn(5, 3, 1)
    expected = scale_by_cosine(*pair)
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    torch.testing.assert_close(scale_by_cosine(*pair), expected)
