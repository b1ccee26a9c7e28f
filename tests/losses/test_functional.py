import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from mmgraph.losses import binary_cross_entropy, bpr, info_nce, l2


def test_bpr_by_hand():
    pos, neg = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 0.0])
    first, second = math.log(1 + math.exp(-1)), math.log(2)
    assert bpr(pos, neg).item() == pytest.approx((first + second) / 2)
    assert bpr(pos, neg, reduction="sum").item() == pytest.approx(first + second)
    assert bpr(pos, neg, base=2).item() == pytest.approx((first / math.log(2) + 1) / 2)


def test_bpr_of_several_negatives_is_the_bpr_of_all_pairs():
    pos, neg = torch.randn(4), torch.randn(4, 3)
    torch.testing.assert_close(bpr(pos, neg), bpr(pos.repeat_interleave(3), neg.flatten()))


def test_bpr_neither_overflows_nor_loses_its_gradient():
    pos = torch.tensor([-1e4], requires_grad=True)
    value = bpr(pos, torch.tensor([1e4]))
    value.backward()
    assert value.item() == pytest.approx(2e4)
    assert pos.grad is not None
    assert pos.grad.item() == pytest.approx(-1)
    assert bpr(torch.tensor([1e4]), torch.tensor([-1e4])).item() == 0


@pytest.mark.parametrize("shape", [(4,), (4, 3)])
def test_binary_cross_entropy_is_that_of_labels(shape):
    pos, neg = torch.randn(4) * 50, torch.randn(shape) * 50
    scores, label = torch.cat([pos, neg.flatten()]), torch.cat([torch.ones(4), torch.zeros(neg.numel())])
    for reduction in ("mean", "sum"):
        expected = F.binary_cross_entropy_with_logits(scores, label, reduction=reduction)
        torch.testing.assert_close(binary_cross_entropy(pos, neg, reduction=reduction), expected)


def test_losses_of_half_precision_are_computed_in_full():
    pos, neg = torch.randn(64).bfloat16(), torch.randn(64).bfloat16()
    torch.testing.assert_close(bpr(pos, neg), bpr(pos.float(), neg.float()), rtol=0, atol=0)
    assert l2([pos]).dtype == info_nce(pos[None], neg[None], tau=1.0).dtype == torch.float32


@pytest.mark.parametrize("base", [1, 0, -2.0, float("nan")])
def test_bpr_refuses_a_base_that_is_no_base(base):
    with pytest.raises(ValueError, match=r"base=.* above 1"):
        bpr(torch.zeros(1), torch.zeros(1), base=base)


def test_l2_by_hand():
    x, y = torch.tensor([[3.0, 4.0], [0.0, 0.0]]), torch.tensor([[2.0]])
    assert l2([x, y]).item() == 25 + 4
    assert l2([x, y], squared=False).item() == 5 + 2
    assert l2([x, y], reduction="mean").item() == 25 / 4 + 4
    assert l2([x, y], squared=False, reduction="mean").item() == 5 / 4 + 2


def test_norm_of_zeros_has_a_gradient_of_zeros():
    x = nn.Parameter(torch.zeros(2, 2))
    l2([x], squared=False).backward()
    assert x.grad is not None
    assert x.grad.abs().max().item() == 0


def test_l2_of_nothing_is_an_error():
    with pytest.raises(ValueError, match="at least one tensor"):
        l2([])


def test_info_nce_by_hand():
    anchor = torch.tensor([[2.0, 0.0], [0.0, 3.0]])  # cosines with the positives: 1, 0 and 0, 1
    expected = math.log(1 + math.exp(-1 / 0.5))
    assert info_nce(anchor, anchor, tau=0.5).item() == pytest.approx(expected)
    assert info_nce(anchor, anchor, tau=0.5, reduction="sum").item() == pytest.approx(2 * expected)


@given(st.integers(1, 6), st.integers(1, 4), st.floats(0.05, 5.0))
def test_info_nce_is_a_cross_entropy(rows, dim, tau):
    anchor, positive = torch.randn(rows, dim, dtype=torch.double), torch.randn(rows, dim, dtype=torch.double)
    cosines = F.cosine_similarity(anchor[:, None], positive[None], dim=-1)
    expected = F.cross_entropy(cosines / tau, torch.arange(rows))
    torch.testing.assert_close(info_nce(anchor, positive, tau=tau), expected)
    more = torch.cat([positive, -positive])
    assert info_nce(anchor, positive, tau=tau, candidates=more) >= expected - 1e-12


@pytest.mark.parametrize("loss", [bpr, info_nce, lambda x, y, **kw: l2([x, y], **kw)])
def test_unknown_reduction_is_an_error_that_names_the_known_ones(loss):
    arguments = {"tau": 1.0} if loss is info_nce else {}
    x = torch.zeros(2, 2) if loss is info_nce else torch.zeros(2)
    with pytest.raises(ValueError, match=r"reduction='avg'.*'mean', 'sum'"):
        loss(x, x, reduction="avg", **arguments)
