import subprocess
import sys

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from mmgraph.losses import info_nce, streaming_info_nce


def unit(rows: int, dim: int, *, dtype: torch.dtype = torch.float64) -> Tensor:
    return F.normalize(torch.randn(rows, dim, dtype=dtype), dim=-1).requires_grad_()


def by_cross_entropy(a: Tensor, p: Tensor, c: Tensor, *, tau: float, outside: Tensor) -> Tensor:
    """Classes: the candidates, which begin with the positives that are not outside, and those that are outside."""
    logits = torch.cat([a @ c.T, torch.where(outside, (a * p).sum(-1), -torch.inf).unsqueeze(-1)], 1) / tau
    label = torch.where(outside, c.size(0), (~outside).cumsum(0) - 1)
    return F.cross_entropy(logits, label, reduction="sum")


@given(
    anchors=st.integers(1, 9),
    others=st.integers(0, 9),
    dim=st.integers(1, 5),
    block=st.integers(1, 10),
    tau=st.floats(0.05, 3.0),
    seed=st.integers(0, 99),
)
def test_equals_cross_entropy_with_its_gradients(anchors, others, dim, block, tau, seed):
    torch.manual_seed(seed)
    a, p, extra = unit(anchors, dim), unit(anchors, dim), unit(others, dim)
    outside = torch.rand(anchors) < 0.4 if others else torch.zeros(anchors, dtype=torch.bool)
    c = torch.cat([p[~outside], extra])
    if c.size(0) == 0:
        return
    value = streaming_info_nce(a, p, c, tau=tau, outside=outside, block_rows=block)
    expected = by_cross_entropy(a, p, c, tau=tau, outside=outside)
    torch.testing.assert_close(value, expected)
    inputs = (a, p, extra) if others else (a, p)
    ours = torch.autograd.grad(3 * value, inputs, retain_graph=True)
    for mine, theirs in zip(ours, torch.autograd.grad(3 * expected, inputs), strict=True):
        torch.testing.assert_close(mine, theirs)
    assert value > -1e-9


@pytest.mark.parametrize("max_logit", [None, 5.0])
@pytest.mark.parametrize("rank", [3, 32])
def test_products_in_bfloat16_change_little(max_logit, rank):
    """A number of 8 bits is off by 1/512; sums over many candidates and anchors, each rounded by itself, by less."""
    torch.manual_seed(0)
    spread = torch.randn(rank, 32)
    x, y = (F.normalize(torch.randn(900, rank) @ spread, dim=-1).requires_grad_() for _ in range(2))
    results = []
    for products in (None, torch.bfloat16):
        value = streaming_info_nce(x, y, y, tau=0.2, max_logit=max_logit, products=products)
        results.append((value, *torch.autograd.grad(value, (x, y))))
    exact, rounded = results
    assert rounded[0].dtype == torch.float32
    assert exact[0] != rounded[0]
    torch.testing.assert_close(rounded[0], exact[0], rtol=1e-4, atol=0)
    for mine, theirs in zip(rounded[1:], exact[1:], strict=True):
        assert (mine - theirs).norm() < 5e-3 * theirs.norm()


@pytest.mark.parametrize("max_logit", [None, 2.0])
@pytest.mark.parametrize("block", [1, 3, None])
def test_an_excluded_candidate_is_none(max_logit, block):
    """Among the anchors themselves, each but for itself, as if its similarity were not in the sum at all."""
    torch.manual_seed(0)
    a, p = (F.normalize(torch.randn(7, 4, dtype=torch.float64)).requires_grad_() for _ in range(2))
    candidates, own = torch.cat([p, a]), torch.arange(7) + 7
    value = streaming_info_nce(a, p, candidates, tau=0.5, exclude=own, max_logit=max_logit, block_rows=block)
    mass = (a @ candidates.T / 0.5).exp()
    kept = torch.ones(7, 14, dtype=torch.float64).scatter(1, own[:, None], 0.0)
    expected = ((mass * kept).sum(1).log() - (a * p).sum(1) / 0.5).sum()
    torch.testing.assert_close(value, expected)
    torch.testing.assert_close(torch.autograd.grad(value, (a, p)), torch.autograd.grad(expected, (a, p)))


def test_an_anchor_that_counts_n_times_is_n_anchors():
    a, p, c, count = unit(3, 4), unit(3, 4), unit(5, 4), torch.tensor([2, 1, 3])
    repeated = [x.repeat_interleave(count, dim=0) for x in (a, p)]
    outside = torch.tensor([True, False, True])
    once = streaming_info_nce(a, p, c, tau=0.3, outside=outside, count=count, block_rows=2)
    often = streaming_info_nce(*repeated, c, tau=0.3, outside=outside.repeat_interleave(count))
    torch.testing.assert_close(once, often)
    grads = (torch.autograd.grad(value, (a, p, c)) for value in (once, often))
    for mine, theirs in zip(*grads, strict=True):
        torch.testing.assert_close(mine, theirs)


@pytest.mark.parametrize("max_logit", [None, 4.0])
@pytest.mark.parametrize("block", [2, None])
def test_a_candidate_that_is_there_m_times_is_m_candidates(max_logit, block):
    a, p, c, repeats = unit(4, 5), unit(4, 5), unit(6, 5), torch.tensor([1, 3, 2, 1, 1, 4])
    outside = torch.tensor([True, False, True, False])
    settings = {"tau": 0.3, "outside": outside, "max_logit": max_logit, "block_rows": block}
    once = streaming_info_nce(a, p, c, repeats=repeats, **settings)
    often = streaming_info_nce(a, p, c.repeat_interleave(repeats, dim=0), **settings)
    torch.testing.assert_close(once, often)
    grads = (torch.autograd.grad(value, (a, p, c)) for value in (once, often))
    for mine, theirs in zip(*grads, strict=True):
        torch.testing.assert_close(mine, theirs)


def test_repeats_of_few_dimensions_and_in_bfloat16():
    """Where products are taken in the dimensions that vectors span, and where they are rounded."""
    torch.manual_seed(0)
    x, y = (F.normalize(torch.randn(200, 3) @ torch.randn(3, 32), dim=-1).requires_grad_() for _ in range(2))
    repeats = torch.randint(1, 5, (200,))
    expected = streaming_info_nce(x, y, y.repeat_interleave(repeats, dim=0), tau=0.2, max_logit=5.0)
    theirs = torch.autograd.grad(expected, (x, y))
    for products, off in ((None, 1e-5), (torch.bfloat16, 5e-3)):
        value = streaming_info_nce(x, y, y, repeats=repeats, tau=0.2, max_logit=5.0, products=products)
        torch.testing.assert_close(value, expected, rtol=min(off, 1e-4), atol=0)
        for mine, other in zip(torch.autograd.grad(value, (x, y)), theirs, strict=True):
            assert (mine - other).norm() < off * other.norm()


@pytest.mark.parametrize("max_logit", [None, 5.0])
@pytest.mark.parametrize(("rank_a", "rank_c"), [(2, 3), (4, 1), (1, 4), (4, 5)])
def test_vectors_of_low_rank_give_the_same_numbers(rank_a, rank_c, max_logit):
    """16 dimensions: up to 4 are taken as a subspace. Gradients leave that subspace, so they are compared in full."""
    a, c = (F.normalize(torch.randn(64, r) @ torch.randn(r, 16), dim=-1).requires_grad_() for r in (rank_a, rank_c))
    value = streaming_info_nce(a, c, c, tau=0.2, block_rows=10, max_logit=max_logit)
    expected = F.cross_entropy(a @ c.T / 0.2, torch.arange(64), reduction="sum")
    torch.testing.assert_close(value, expected)
    grads = (torch.autograd.grad(loss, (a, c)) for loss in (value, expected))
    for mine, theirs in zip(*grads, strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("max_logit", [None, 5.0])
def test_a_known_bound_changes_nothing(max_logit):
    a, p, c, outside = unit(5, 3), unit(5, 3), unit(7, 3), torch.tensor([True, False, True, False, True])
    value = streaming_info_nce(a, p, c, tau=0.2, outside=outside, max_logit=max_logit)
    expected = torch.where(outside, torch.exp((a * p).sum(-1) / 0.2), 0.0) + torch.exp(a @ c.T / 0.2).sum(-1)
    torch.testing.assert_close(value, (expected.log() - (a * p).sum(-1) / 0.2).sum())


@pytest.mark.parametrize("block", [1, 3, 7, 50])
@pytest.mark.parametrize("with_outside", [False, True])
def test_gradcheck(block, with_outside):
    torch.manual_seed(0)
    a, p, c = (torch.randn(n, 3, dtype=torch.double, requires_grad=True) for n in (7, 7, 4))
    outside = torch.arange(7) % 2 == 0 if with_outside else None
    assert torch.autograd.gradcheck(
        lambda *x: streaming_info_nce(*x, tau=0.3, outside=outside, block_rows=block), (a, p, c)
    )


def test_single_precision_equals_the_plain_form():
    torch.manual_seed(0)
    x, y = (torch.randn(500, 64, requires_grad=True) for _ in range(2))
    a, c = F.normalize(x, dim=-1), F.normalize(y, dim=-1)
    value, plain = streaming_info_nce(a, c, c, tau=0.2, block_rows=64) / 500, info_nce(x, y, tau=0.2)
    torch.testing.assert_close(value, plain, rtol=1e-6, atol=0)
    for ours, theirs in zip(torch.autograd.grad(value, (x, y)), torch.autograd.grad(plain, (x, y)), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-7)


def test_huge_similarities_stay_finite():
    a = torch.tensor([[1e4, 0.0], [0.0, 1e4]], requires_grad=True)
    value = streaming_info_nce(a, a, a, tau=0.01)
    value.backward()
    assert value.item() == 0
    assert a.grad is not None
    assert a.grad.isfinite().all()


@pytest.mark.parametrize(
    "wanted", [(True, False, False), (False, True, False), (False, False, True), (False, True, True)]
)
def test_gradients_only_where_they_are_wanted(wanted):
    torch.manual_seed(0)
    free = [unit(5, 3) for _ in range(3)]
    full = torch.autograd.grad(streaming_info_nce(*free, tau=0.2, block_rows=2), free)
    partly = [x.detach().requires_grad_(want) for x, want in zip(free, wanted, strict=True)]
    streaming_info_nce(*partly, tau=0.2, block_rows=2).backward()
    for x, grad, want in zip(partly, full, wanted, strict=True):
        if want:
            torch.testing.assert_close(x.grad, grad)
        else:
            assert x.grad is None


def test_without_gradients_only_the_similarities_are_multiplied():
    a, c = unit(6, 3), unit(5, 3)

    def products(x: Tensor) -> int:
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
            streaming_info_nce(x, x, c, tau=0.2, block_rows=2)
        return sum(event.count for event in profile.key_averages() if event.key in ("aten::mm", "aten::addmm_"))

    assert products(a) == 9  # three blocks: similarities and both gradients
    with torch.no_grad():
        assert products(a) == 3
    c = c.detach()  # read by the function above
    assert products(a.detach()) == 3


def test_autocast_does_not_round_it():
    a, c = unit(20, 8, dtype=torch.float32), unit(20, 8, dtype=torch.float32)
    expected = streaming_info_nce(a, c, c, tau=0.2)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        value = streaming_info_nce(a, c, c, tau=0.2)
    assert torch.equal(value, expected)
    half = streaming_info_nce(a.bfloat16(), c.bfloat16(), c.bfloat16(), tau=0.2)
    half.backward()
    assert half.dtype == torch.float32
    assert a.grad is not None
    assert a.grad.abs().max() > 0


def test_second_derivatives_are_refused_rather_than_wrong():
    a, c = unit(4, 3), unit(4, 3)
    with pytest.raises(RuntimeError, match="no second derivative"):
        torch.autograd.grad(streaming_info_nce(a, c, c, tau=0.2), a, create_graph=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [({"tau": 0}, "tau=0 must"), ({"tau": float("nan")}, "tau=nan"), ({"tau": 1, "block_rows": 0}, "block_rows=0")],
)
def test_settings_out_of_range(change, message):
    with pytest.raises(ValueError, match=message):
        streaming_info_nce(unit(2, 2), unit(2, 2), unit(2, 2), **change)


def test_no_candidates_is_an_error():
    with pytest.raises(ValueError, match="candidates is empty"):
        streaming_info_nce(unit(2, 2), unit(2, 2), unit(0, 2), tau=1)


def test_memory_stays_far_below_nodes_times_nodes():
    script = """
import resource, torch
from mmgraph.losses import streaming_info_nce
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
x, y = (torch.nn.functional.normalize(torch.randn(10_000, 16), dim=-1).requires_grad_() for _ in range(2))
streaming_info_nce(x[:500], y[:500], y[:500], tau=0.2).backward()
before = peak()
streaming_info_nce(x, y, y, tau=0.2).backward()
print(peak() - before)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 10_000**2 * 4 / 8  # one matrix of all similarities takes 400 MB
