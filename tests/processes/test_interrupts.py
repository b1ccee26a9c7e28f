"""Signals at the worst moments: the run stays, the exit code tells which, the resumed run ends as if undisturbed."""

import os
import signal

import pytest

import mmgraph.datasets.cache
import mmgraph.training.checkpoint
from mmgraph.cli.train import main
from mmgraph.evaluation import Evaluator
from mmgraph.processes.interrupts import signals_handled
from tests.cli.test_launchers import write_data_set
from tests.cli.test_train import report, without_timings, words

EPOCHS = "trainer.max_epochs=4"
CODES = {signal.SIGTERM: 143, signal.SIGINT: 130}


@pytest.fixture(autouse=True)
def _hears_ctrl_c():
    """What is started in the background, as these tests may be, ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def small(run_dir):
    return words(run_dir, EPOCHS, model="mf_bpr")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    run_dir = tmp_path_factory.mktemp("undisturbed") / "run"
    main(small(run_dir))
    return without_timings(report(run_dir))


class SignallingFile:
    """Lets a signal arrive when torch's writer calls `write` the second time."""

    def __init__(self, file, number):
        self.file, self.number, self.writes = file, number, 0

    def write(self, data):
        self.writes += 1
        if self.writes == 2:
            os.kill(os.getpid(), self.number)
        return self.file.write(data)

    def __getattr__(self, name):
        return getattr(self.file, name)


def signal_in_torch_save(monkeypatch, number, when):
    save = mmgraph.training.checkpoint.torch.save

    def signalling(content, file):
        save(content, SignallingFile(file, number) if when(content) else file)

    monkeypatch.setattr(mmgraph.training.checkpoint.torch, "save", signalling)


def ends(number, capsys, arguments):
    """Runs in this process and checks how it ended."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == CODES[number]
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1, err
    assert "resume=<run dir> goes on with the unfinished epoch" in err


@pytest.mark.parametrize("number", CODES)
@pytest.mark.parametrize("epoch", [1, 3])
def test_a_signal_while_a_checkpoint_is_written(monkeypatch, capsys, tmp_path, undisturbed, number, epoch):
    run_dir = tmp_path / "run"
    with monkeypatch.context() as patch:
        signal_in_torch_save(patch, number, lambda content: content["state"]["next_epoch"] == epoch)
        ends(number, capsys, small(run_dir))
    assert sorted(os.listdir(run_dir)) == [
        "checkpoint.pt",
        "config.yaml",
        "identity.json",
        "metrics.csv",
        "metrics.json",
    ]
    assert len((run_dir / "metrics.csv").read_text().splitlines()) == 1 + epoch
    main([f"resume={run_dir}"])
    assert without_timings(report(run_dir)) == undisturbed


@pytest.mark.parametrize("number", CODES)
@pytest.mark.parametrize("evaluation", [1, 3])
def test_a_signal_while_ranking(monkeypatch, capsys, tmp_path, undisturbed, number, evaluation):
    run_dir, rank, calls = tmp_path / "run", Evaluator._found, []

    def signalling(*arguments):
        calls.append(arguments)
        if len(calls) == evaluation:
            os.kill(os.getpid(), number)
        return rank(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Evaluator, "_found", signalling)
        ends(number, capsys, small(run_dir))
    assert (run_dir / "config.yaml").exists()
    assert (run_dir / "checkpoint.pt").exists() == (evaluation > 1)
    main([f"resume={run_dir}"])
    assert without_timings(report(run_dir)) == undisturbed


@pytest.mark.parametrize("number", CODES)
def test_a_signal_while_data_are_prepared(monkeypatch, capsys, tmp_path, number):
    """There torch's writer turns what the handler raises into an error of its own."""
    write_data_set(tmp_path / "toy")
    run_dir = tmp_path / "run"
    arguments = ["model=mf_bpr", "dataset=folder", f"dataset.root={tmp_path}/toy", "evaluator.ks=[5]", EPOCHS]
    arguments += ["trainer.monitor=recall@5", "trainer.accelerator=cpu", f"hydra.run.dir={run_dir}"]
    with monkeypatch.context() as patch:
        signal_in_torch_save(patch, number, lambda content: "labels" in content)
        patch.setattr(mmgraph.datasets.cache, "default_cache_dir", lambda: tmp_path / "cache")
        ends(number, capsys, arguments)
    assert os.listdir(run_dir) == ["config.yaml"]
    main([f"resume={run_dir}"])
    assert len(report(run_dir)["history"]) == 4


def test_handlers_are_put_back_and_other_ends_are_left_alone():
    before = [signal.getsignal(number) for number in CODES]
    for end in (SystemExit(3), RuntimeError("x")):
        with pytest.raises(type(end)), signals_handled():
            raise end
    assert [signal.getsignal(number) for number in CODES] == before
