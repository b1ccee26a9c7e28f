import threading
from contextlib import suppress

import pytest
import torch

from mmgraph.pipeline.repeatable import repeatable


def state():
    denormal = (torch.full((1,), 1e-310, dtype=torch.float64) * 0.5).item()
    return torch.are_deterministic_algorithms_enabled(), torch.utils.deterministic.fill_uninitialized_memory, denormal


@pytest.mark.parametrize("flush", [False, True])
def test_all_is_as_it_was_also_after_an_error(flush):
    torch.set_flush_denormal(flush)
    try:
        before = state()
        with suppress(KeyError), repeatable():
            assert state() == (True, False, 0.0)
            raise KeyError
        assert state() == before
    finally:
        torch.set_flush_denormal(False)


CONTEXTS = {
    "no_grad": torch.no_grad,
    "inference_mode": torch.inference_mode,
    "autocast": lambda: torch.autocast("cpu"),
    "device": lambda: torch.device("meta"),
}


@pytest.mark.parametrize("name", CONTEXTS)
def test_torch_is_within_as_it_starts(name):
    with CONTEXTS[name](), repeatable():
        weight = torch.nn.Linear(2, 2).weight
        product = weight @ weight
    assert product.requires_grad
    assert (product.dtype, product.device.type) == (torch.float32, "cpu")


def test_another_default_dtype_comes_back():
    torch.set_default_dtype(torch.float64)
    try:
        with repeatable():
            assert torch.ones(1).dtype == torch.float32
        assert torch.get_default_dtype() == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


def test_another_thread_waits():
    order = []

    def second():
        with repeatable():
            order.append("second")

    thread = threading.Thread(target=second)
    with repeatable(), repeatable():
        thread.start()
        thread.join(timeout=0.2)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
