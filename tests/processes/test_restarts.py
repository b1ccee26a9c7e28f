"""Workers of one attempt find each other in a store that those of earlier attempts have written to."""

import threading

import pytest
from torch.distributed import HashStore

from mmgraph.processes import restarts
from mmgraph.processes.restarts import _begin, _join, note_run_dir, noted_run_dir


def agree(store, size):
    """The attempt that each of ``size`` workers comes to."""
    found = {}
    others = [
        threading.Thread(target=lambda rank=rank: found.update({rank: _join(store, rank)})) for rank in range(1, size)
    ]
    for thread in others:
        thread.start()
    found[0] = _begin(store, range(1, size))
    for thread in others:
        thread.join()
    return [found[rank] for rank in range(size)]


def test_workers_of_an_attempt_agree_whatever_dead_ones_have_written():
    store = HashStore()
    assert agree(store, 3) == ["1", "1", "1"]
    assert agree(store, 3) == ["2", "2", "2"]
    assert agree(store, 2) == ["3", "3"]
    assert agree(store, 1) == ["4"]


def test_a_run_is_noted_for_those_that_come_later(monkeypatch, tmp_path):
    store = HashStore()
    monkeypatch.setattr(restarts, "_agents_store", lambda: store)
    assert noted_run_dir() is None
    note_run_dir(tmp_path / "run")
    assert noted_run_dir() == tmp_path / "run"


def test_without_agents_nothing_is_noted(monkeypatch, tmp_path):
    monkeypatch.delenv("TORCHELASTIC_USE_AGENT_STORE", raising=False)
    note_run_dir(tmp_path)
    assert noted_run_dir() is None
    restarts.join_group("gloo")


def test_a_first_worker_that_does_not_come(monkeypatch):
    monkeypatch.setattr(restarts, "_TIMEOUT", restarts.timedelta(seconds=0.1))
    store = HashStore()
    store.set("attempt", "1")
    with pytest.raises(TimeoutError, match="worker 0 has not come"):
        _join(store, 1)
