import math

import pytest
import torch

from mmgraph.training.missed_steps import MissedSteps, move_missed_

EPS = 1e-8


def step_by_step(root, *, last, now, betas):
    """How far Adam with a rate of 1 moves a row along gradients of zero: first moment 1, ``root`` of the second."""
    return sum(
        betas[0] ** (i - last)
        / (1 - betas[0] ** i)
        / (root * math.sqrt(betas[1] ** (i - last) / (1 - betas[1] ** i)) + EPS)
        for i in range(last + 1, now + 1)
    )


@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.5, 0.999), (0.99, 0.9999), (0.0, 0.9)])
@pytest.mark.parametrize(
    ("first", "last", "now"), [(0, 0, 1), (0, 1, 2), (0, 5, 50), (0, 1020, 1030), (0, 300, 1500), (5000, 5001, 9000)]
)
def test_the_closed_form_is_the_sum_of_the_steps(betas, first, last, now):
    roots = [1.0, 1e-4, 1e-6, 3e-7]
    sums = MissedSteps(betas, first=first, device=torch.device("cpu")).between(torch.tensor([last]), now)
    value, mean = torch.zeros(1, 4, dtype=torch.float64), torch.ones(1, 4, dtype=torch.float64)
    square = torch.tensor([roots], dtype=torch.float64).square()
    move_missed_(value, mean, square, sums.factors(lr=1.0, eps=EPS, dtype=torch.float64))
    expected = [step_by_step(root, last=last, now=now, betas=betas) for root in roots]
    assert (-value[0]).tolist() == pytest.approx(expected, rel=1e-8)
    assert mean[0].tolist() == pytest.approx([betas[0] ** (now - last)] * 4)
    assert square[0].sqrt().tolist() == pytest.approx([root * betas[1] ** ((now - last) / 2) for root in roots])


def test_gradients_as_small_as_eps_cost_a_few_digits():
    """They move a row by less than its rate either way."""
    for last, now in ((1, 300), (20, 80), (300, 1500)):
        sums = MissedSteps((0.9, 0.999), first=0, device=torch.device("cpu")).between(torch.tensor([last]), now)
        value, mean, square = torch.zeros(1, 1), torch.ones(1, 1), torch.full((1, 1), EPS**2)
        move_missed_(value, mean, square, sums.factors(lr=1.0, eps=EPS, dtype=torch.float32))
        assert -value.item() == pytest.approx(step_by_step(EPS, last=last, now=now, betas=(0.9, 0.999)), rel=1e-4)


def test_a_row_that_was_never_met_stays():
    sums = MissedSteps((0.9, 0.999), first=0, device=torch.device("cpu")).between(torch.zeros(1, dtype=torch.long), 99)
    value, mean, square = torch.ones(1, 3), torch.zeros(1, 3), torch.zeros(1, 3)
    move_missed_(value, mean, square, sums.factors(lr=1e-3, eps=EPS, dtype=torch.float32))
    assert torch.equal(value, torch.ones(1, 3))
    assert not mean.any()
    assert not square.any()
