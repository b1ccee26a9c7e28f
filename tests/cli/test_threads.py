import os

import pytest

from mmgraph.cli import threads
from mmgraph.cli.threads import crowded_threads, note_on_threads


@pytest.mark.parametrize(
    ("count", "cores", "load", "told"),
    [
        (2, 2, 1.0, False),
        (2, 2, 1.1, True),
        (1, 2, 50.0, False),
        (16, 16, 8.0, False),
        (16, 16, 20.0, True),
        (2, 16, 16.0, False),
    ],
)
def test_threads_and_load_beyond_one_and_a_half_of_the_cores(count, cores, load, told):
    assert (crowded_threads(count, cores=cores, load=load) is not None) == told


@pytest.fixture
def busy(monkeypatch):
    monkeypatch.setattr(os, "getloadavg", lambda: (1000.0, 0.0, 0.0))
    monkeypatch.setattr(threads, "_ASKED", [])
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)


@pytest.mark.usefixtures("busy")
def test_it_is_told_once():
    assert "a load of 1000.0 already" in note_on_threads(2)
    assert note_on_threads(2) is None


@pytest.mark.usefixtures("busy")
def test_one_thread_waits_for_no_other():
    assert note_on_threads(1) is None


@pytest.mark.usefixtures("busy")
def test_whoever_chose_the_threads_is_told_nothing(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert note_on_threads(2) is None
