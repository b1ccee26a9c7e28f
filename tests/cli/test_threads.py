import os

import pytest

from mmgraph.cli.threads import crowded_threads, note_on_threads


@pytest.mark.parametrize(
    ("threads", "cores", "load", "told"),
    [
        (2, 2, 1.0, False),
        (2, 2, 1.1, True),
        (1, 2, 50.0, False),
        (16, 16, 8.0, False),
        (16, 16, 20.0, True),
        (2, 16, 16.0, False),
    ],
)
def test_threads_and_load_beyond_one_and_a_half_of_the_cores(threads, cores, load, told):
    assert (crowded_threads(threads, cores=cores, load=load) is not None) == told


def test_whoever_chose_the_threads_is_told_nothing(monkeypatch):
    monkeypatch.setattr(os, "getloadavg", lambda: (1000.0, 0.0, 0.0))
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert "a load of 1000.0 already" in note_on_threads(2)
    assert note_on_threads(1) is None
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert note_on_threads(2) is None
