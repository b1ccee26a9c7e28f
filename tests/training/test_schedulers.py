from functools import partial

import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import CyclicLR, ExponentialLR, LambdaLR, ReduceLROnPlateau, SequentialLR

from mmgraph.config.instantiate import instantiate
from mmgraph.training.schedulers import check_scheduler, end_epoch
from tests.contract.conftest import options, small_config


def adam(parameters):
    return torch.optim.Adam(parameters, lr=1.0)


def rates(make, metrics):
    """The learning rate of each epoch, the first one's before any metric is known."""
    optimizer = adam([nn.Parameter(torch.zeros(1))])
    scheduler = make(optimizer)
    found = [optimizer.param_groups[0]["lr"]]
    for metric in metrics:
        optimizer.step()
        end_epoch(scheduler, metric)
        found.append(optimizer.param_groups[0]["lr"])
    return found


def described(name, *words):
    """What ``trainer/scheduler=<name>`` gives."""
    return instantiate(
        small_config("mf_bpr", f"trainer/scheduler={name}", *words).trainer.scheduler, "trainer.scheduler"
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["exponential", "trainer.scheduler.gamma=0.5"], [1, 0.5, 0.25, 0.125]),
        (["step", "trainer.scheduler.step_size=2"], [1, 1, 0.5, 0.5]),
        (["cosine", "trainer.max_epochs=2"], [1, 0.5, 0, 0.5]),
        (["plateau", "trainer.scheduler.patience=0"], [1, 1, 0.5, 0.5]),
    ],
)
def test_the_rates_of_each_config(words, expected):
    """The metric falls in the second epoch and is the best so far in the others; the plateau alone looks at it."""
    assert rates(described(*words), [0.2, 0.1, 0.3]) == pytest.approx(expected)


def test_every_config_has_its_rates_tested():
    assert options("trainer/scheduler") == ["cosine", "exponential", "plateau", "step"]


@pytest.mark.parametrize("make", [partial(ExponentialLR, gamma=0.5), partial(ReduceLROnPlateau, mode="max")])
def test_what_works_is_let_pass(make):
    check_scheduler(make, adam)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        ("exponential", "got 'exponential'; trainer/scheduler=exponential"),
        (LambdaLR, "lr_lambda"),
        (partial(ExponentialLR, gamma="abc"), "ExponentialLR.*gamma='abc'"),
        (partial(SequentialLR, schedulers=[], milestones=[]), "SequentialLR"),
        (ReduceLROnPlateau, "mode must be 'max', got 'min'"),
    ],
)
def test_what_cannot_work_is_refused_before_training(make, message):
    with pytest.raises(ValueError, match=rf"trainer\.scheduler.*{message}"):
        check_scheduler(make, adam)


def test_a_scheduler_that_the_optimiser_does_not_suit():
    adadelta = partial(torch.optim.Adadelta, lr=1.0)
    with pytest.raises(ValueError, match="momentum"):
        check_scheduler(partial(CyclicLR, base_lr=0.1, max_lr=1.0), adadelta)
