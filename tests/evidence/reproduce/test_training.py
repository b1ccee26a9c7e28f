"""Runs side by side, with little programs in the place of the one that trains."""

import sys

import pytest
from rich.progress import Progress

from mmgraph.evidence.reproduce import training
from mmgraph.evidence.reproduce.item import Row
from mmgraph.evidence.reproduce.plan import Planned
from mmgraph.evidence.reproduce.store import Slot
from mmgraph.evidence.reproduce.view import RunsView
from mmgraph.processes.locks import FolderLock
from mmgraph.terminal import PlainConsole

WRITES = (
    "import sys, pathlib; folder = pathlib.Path(sys.argv[-1].split('\"')[1]); folder.mkdir(); "
    "(folder / 'report.json').write_text('{}')"
)


class Noted:
    """A view that keeps what it is told."""

    def __init__(self):
        self.ends = {}

    def running(self, run, line):
        pass

    def waiting(self, run):
        pass

    def ended(self, run, reason):
        self.ends[run.seed] = reason


@pytest.fixture
def slots(tmp_path):
    places = [Slot(tmp_path / "runs" / "hash" / f"seed-{seed}") for seed in (0, 1)]
    return {slot: Planned(Row(label="a"), "tiny", seed, ("x=1",), slot) for seed, slot in enumerate(places)}


@pytest.fixture
def program(monkeypatch):
    monkeypatch.setattr(training, "_PAUSE", 0.01)
    return lambda text: monkeypatch.setattr(training, "COMMAND", (sys.executable, "-c", text))


def test_what_is_not_finished_is_run_and_each_has_a_file_of_what_it_printed(slots, program):
    program(f"print('hello'); {WRITES}")
    view = Noted()
    assert training.train_all(slots, jobs=2, view=view) == {}
    assert view.ends == {0: None, 1: None}
    assert [slot.log.read_text() for slot in slots] == ["hello\n", "hello\n"]
    program("raise SystemExit('nobody should run me')")
    assert training.train_all(slots, jobs=2, view=Noted()) == {}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("print('Error: no such thing (HYDRA_FULL_ERROR=1 shows where)'); raise SystemExit(1)", "no such thing"),
        ("import os; os.kill(os.getpid(), 9)", "ended by SIGKILL (was there memory enough?)"),
        ("import collections.nothing", "ModuleNotFoundError: No module named 'collections.nothing'"),
        ("raise SystemExit(3)", "exit code 3"),
    ],
)
def test_why_a_run_failed(slots, program, text, reason):
    program(text)
    assert set(training.train_all(slots, jobs=1, view=Noted()).values()) == {reason}


def test_a_run_whose_configuration_has_changed_since_is_not_begun(tmp_path, program):
    program("raise SystemExit('nobody should run me')")
    slot = Slot(tmp_path / "runs" / "hash" / "seed-0")
    run = Planned(Row(label="a"), "synthetic", 0, ("model=mf_bpr",), slot, settings={"model": {"emb_dim": 4}})
    view = Noted()
    failed = training.train_all({slot: run}, jobs=1, view=view)
    assert "has changed since this command planned it" in failed[slot]
    assert view.ends == {0: failed[slot]}
    assert slot.lock.take()


@pytest.fixture
def fused(slots, tmp_path):
    """The two runs and one that fuses them, which stands first."""
    slot = Slot(tmp_path / "runs" / "other" / "seed-2")
    return {slot: Planned(Row(label="b"), "tiny", 2, (), slot, tuple(slots)), **slots}


def test_a_fusion_waits_for_its_members(fused, program, monkeypatch):
    program(WRITES)
    copied = "import sys, pathlib; places = [pathlib.Path(word.split('=')[-1]) for word in sys.argv[1:]]; "
    copied += "places[2].mkdir(); texts = [(place / 'report.json').read_text() for place in places[:2]]; "
    copied += "(places[2] / 'report.json').write_text(str(texts))"
    monkeypatch.setattr(training, "FUSE", (sys.executable, "-c", copied))
    view = Noted()
    assert training.train_all(fused, jobs=1, view=view) == {}
    assert list(view.ends) == [0, 1, 2]
    assert (next(iter(fused)).folder / "report.json").read_text() == "['{}', '{}']"


def test_a_fusion_of_a_run_that_failed_is_not_begun(fused, program):
    program("raise SystemExit('no')")
    failed = training.train_all(fused, jobs=1, view=Noted())
    assert failed[next(iter(fused))] == "a run that it fuses failed"
    assert len(failed) == 3


def test_a_run_that_another_process_trains_is_waited_for(slots, program):
    program("raise SystemExit('nobody should run me')")
    first, second = slots
    for slot in slots:
        slot.folder.mkdir(parents=True)
    (second.folder / "report.json").write_text("{}")
    other = FolderLock(first.lock.path)
    assert other.take()

    class Elsewhere(Noted):
        def waiting(self, run):
            (first.folder / "report.json").write_text("{}")
            other.give_back()

    view = Elsewhere()
    assert training.train_all(slots, jobs=1, view=view) == {}
    assert view.ends == {0: None}


def test_the_view_has_epoch_and_time_left(slots):
    (_, run) = next(iter(slots.items()))
    bar = Progress(disable=True)
    view = RunsView(PlainConsole(quiet=True), bar, "item", total=2, done=0)
    view.running(run, "epoch 4  bpr 0.5  val recall@20 0.1  6.3 s, 5 of 9 done, at most 0:25 left")
    assert bar.tasks[-1].description == "  a, tiny, seed 0: epoch 4, at most 0:25 left"
    view.ended(run, None)
    assert [task.completed for task in bar.tasks] == [1]
