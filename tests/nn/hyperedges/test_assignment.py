import pytest
import torch

from mmgraph.nn import SoftAssignment, assignment_logits, soft_assignment


@pytest.mark.parametrize("noise", ["gumbel", "logistic", "none"])
def test_rows_are_shares(noise):
    shares = soft_assignment(torch.randn(50, 4) * 100, tau=0.2, noise=noise)
    assert (shares >= 0).all()
    torch.testing.assert_close(shares.sum(1), torch.ones(50))


@pytest.mark.parametrize(("noise", "variances"), [("gumbel", 1), ("logistic", 2)])
def test_noise_has_the_spread_of_its_name(noise, variances):
    """Two Gumbel variables differ by a logistic one, of variance pi^2/3; two logistic ones by twice that."""
    shares = soft_assignment(torch.zeros(200_000, 2, dtype=torch.float64), tau=1.0, noise=noise)
    difference = torch.logit(shares[:, 0])
    assert difference.mean().item() == pytest.approx(0, abs=0.03)
    assert difference.var().item() == pytest.approx(variances * torch.pi**2 / 3, rel=0.03)


def test_gumbel_noise_chooses_in_proportion_to_the_softmax():
    """The Gumbel-max property, which logistic noise lacks."""
    logits = torch.tensor([0.0, 1.0, 2.0])
    chosen = soft_assignment(logits.expand(100_000, 3), tau=1e-3, noise="gumbel").argmax(1)
    torch.testing.assert_close(torch.bincount(chosen) / 100_000, torch.softmax(logits, 0), atol=0.01, rtol=0)


def test_low_temperatures_choose_one():
    assert soft_assignment(torch.tensor([[0.0, 1.0]]), tau=0.01)[0, 1] == 1


def test_ranking_is_repeatable_unless_noise_is_asked_for():
    logits = torch.randn(5, 4)
    quiet, noisy = SoftAssignment().eval(), SoftAssignment(eval_noise=True).eval()
    assert torch.equal(quiet(logits), quiet(logits))
    assert not torch.equal(noisy(logits), noisy(logits))
    assert not torch.equal(SoftAssignment().train()(logits), quiet(logits))
    assert torch.equal(SoftAssignment(noise="none").train()(logits), quiet(logits))


def test_wrong_settings_are_named():
    with pytest.raises(ValueError, match="tau=0 must be above 0"):
        SoftAssignment(tau=0)
    with pytest.raises(ValueError, match="noise='normal' is not known; choose one of gumbel, logistic, none"):
        soft_assignment(torch.zeros(1, 2), tau=1, noise="normal")


def test_logits_and_their_gradients_are_those_of_the_product():
    x = torch.randn(30, 5, dtype=torch.float64, requires_grad=True)
    hyperedge = torch.randn(5, 4, dtype=torch.float64, requires_grad=True)
    logits = assignment_logits(x, hyperedge)
    torch.testing.assert_close(logits, x @ hyperedge)
    weight = torch.randn(30, 4, dtype=torch.float64)
    gradients = torch.autograd.grad((logits * weight).sum(), (x, hyperedge))
    torch.testing.assert_close(gradients, (weight @ hyperedge.T, x.T @ weight))
