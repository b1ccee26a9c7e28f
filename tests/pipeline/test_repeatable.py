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
