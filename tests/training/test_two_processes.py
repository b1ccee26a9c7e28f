"""Two processes give what one gives: for every model with its own loss, and for every way to contrast."""

import pytest
import torch

from tests.training.launched import found_by
from tests.training.two_processes import EVEN, FULL_GRAPH, REFERENCE, outcome

ROUNDING = 1e-9  # what is left of a gradient whose summands cancel


@pytest.fixture(scope="module")
def processes(tmp_path_factory):
    """What each of two processes found."""
    folder = tmp_path_factory.mktemp("processes")
    return found_by("tests.training.two_processes", 2, folder)


def same(found, alone):
    """Whether losses, gradients and weights are equal, relative to the largest number of each tensor."""
    assert found["losses"] == pytest.approx(alone["losses"], rel=1e-5)
    pairs = [*zip(found["gradients"], alone["gradients"], strict=True)]
    assert [a is None for a, _ in pairs] == [b is None for _, b in pairs]
    pairs += [(found["weights"][name], weight) for name, weight in alone["weights"].items()]
    for a, b in pairs:
        if a is not None:
            torch.testing.assert_close(a, b, rtol=0, atol=1e-5 * float(b.abs().max()) + ROUNDING)


@pytest.mark.parametrize("name", FULL_GRAPH)
def test_losses_gradients_and_metrics_are_those_of_one_process(name, processes):
    first, second = (found[name] for found in processes)
    alone = outcome(*FULL_GRAPH[name])
    same(first, alone)
    assert first["metrics"] == pytest.approx(alone["metrics"], rel=1e-5)
    assert first["losses"] == second["losses"]
    assert first["metrics"] == second["metrics"]
    assert all(torch.equal(weight, second["weights"][key]) for key, weight in first["weights"].items())


def test_a_gradient_that_one_process_lacks_counts_as_zero_there(processes):
    for found in processes:
        assert [None if gradient is None else gradient.tolist() for gradient in found["sums"]] == [
            [3.0, 3.0],
            [1.0, 1.0],
            [2.0, 2.0],
            None,
        ]
        assert found["mean"] == 1.5


def test_what_no_process_has_a_gradient_of_stays_without_one(processes):
    """So weight decay leaves it alone, as with one process."""
    assert None in processes[0]["parameters that the loss leaves unused"]["gradients"]


def test_two_halves_of_a_sampled_batch_are_the_batch(processes):
    """Means over halves of equal size: with all neighbours the losses and gradients are the full graph's."""
    first, second = (found["sampled"] for found in processes)
    same(first, outcome(*REFERENCE, EVEN))
    assert first["losses"] == second["losses"]
    assert all(torch.equal(weight, second["weights"][key]) for key, weight in first["weights"].items())
