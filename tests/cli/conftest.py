import pytest

from mmgraph.cli.train import main
from mmgraph.training.progress import TrainingProgress

RUN_FILES = [
    "checkpoint.pt",
    "config.yaml",
    "hits.npz",
    "identity.json",
    "metrics.csv",
    "metrics.json",
    "report.json",
    "serving",
]
"""What the folder of a finished run holds."""


class Killed(BaseException):
    pass


@pytest.fixture
def sweep(tmp_path, monkeypatch, capsys):
    """Runs a sweep in ``tmp_path`` and returns what it printed; ``kill_after``: epochs of all jobs until the kill."""
    monkeypatch.chdir(tmp_path)

    def run(*words, kill_after=None):
        epochs = []

        def epoch(self, row, **_):
            epochs.append(row)
            if len(epochs) == kill_after:
                raise Killed

        monkeypatch.setattr(TrainingProgress, "epoch", epoch)
        if kill_after:
            with pytest.raises(Killed):
                main(words)
        else:
            main(words)
        return capsys.readouterr().out, len(epochs)

    return run
