"""Where the history of a run goes beside its folder: Weights & Biases, MLflow."""

import os
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mmgraph.training.checkpoint import Row
from mmgraph.training.log import History
from mmgraph.training.tracked import TrackedRun, leaves, settings_in

_PLAIN = re.compile(r"[\w\-. ]{1,100}", re.ASCII)
_MODES = ("online", "offline", "disabled")
_NOT_IN_NAMES = re.compile(r"[^\w\-./ ]", re.ASCII)
_FOLDERS = "MLFLOW_ALLOW_FILE_STORE"
_LONGEST_VALUE = 250
_PARAMS_AT_ONCE = 100


def _plain(name: str, value: str) -> str:
    """A name of a project: a config may come from a stranger."""
    if not isinstance(value, str) or not _PLAIN.fullmatch(value):
        raise ValueError(f"{name}={value!r:.80}: must be letters, digits, '_', '-', '.' and spaces, 100 at the most")
    return value


def _missing(logger: str) -> ModuleNotFoundError:
    return ModuleNotFoundError(
        f'logger={logger} needs {logger}, which is not installed: pip install -e ".[{logger}]"; logger=files needs '
        "nothing more"
    )


class WandbLog:
    """Curves and settings in Weights & Biases; a resumed run goes on in the same one, which ``wandb.json`` names.

    Args:
        project: where the run stands there.
        mode: ``"online"``, ``"offline"`` (into ``wandb/`` of the run folder, for ``wandb sync``) or ``"disabled"``;
            None: as the environment says (``WANDB_MODE``).

    Raises:
        ModuleNotFoundError: if wandb is not installed; names the extra.
        ValueError: for a project that is no plain name, or a mode that is none.
    """

    file = "wandb.json"

    def __init__(self, *, project: str = "mmgraph", mode: str | None = None) -> None:
        self.project = _plain("logger.wandb.project", project)
        if mode is not None and mode not in _MODES:
            raise ValueError(f"logger.wandb.mode={mode!r}: must be null or one of {', '.join(_MODES)}")
        self.mode = mode
        try:
            import wandb  # heavy, and an extra
        except ImportError as error:
            raise _missing("wandb") from error
        self._wandb = wandb
        self._run: Any = None

    def write(self, run_dir: Path, history: History) -> None:
        """Sends the rows that are not there yet."""
        tracked = TrackedRun.read(run_dir / self.file) or TrackedRun(uuid.uuid4().hex)
        if self._run is None:
            tracked.save(run_dir / self.file)
            self._run = self._begin(run_dir, tracked.id)
        for row in tracked.take(history):
            values = {name: value for name, value in row.items() if name != "epoch"}
            self._run.log(values, step=int(row["epoch"]))
        tracked.save(run_dir / self.file)

    def close(self, *, failed: bool) -> None:
        """Ends the run there; what is left is sent."""
        if self._run is not None:
            self._run.finish(exit_code=int(failed))
            self._run = None

    def _begin(self, run_dir: Path, name: str) -> Any:
        return self._wandb.init(
            project=self.project,
            id=name,
            name=run_dir.name,
            dir=run_dir,
            config=settings_in(run_dir),
            mode=self.mode,
            resume="allow",
            reinit="create_new",
            settings=self._wandb.Settings(console="off", disable_git=True, disable_code=True, silent=True),
        )


class MLflowLog:
    """Curves and settings in MLflow; a resumed run goes on in the same one, which ``mlflow.json`` names.

    Names that MLflow refuses are changed: ``val/recall@20`` is ``val/recall_20`` there.

    Args:
        experiment: where the run stands there.
        tracking_uri: of a server, or a folder; None: ``mlruns/`` in the run folder, unless the environment says
            otherwise (``MLFLOW_TRACKING_URI``).

    Raises:
        ModuleNotFoundError: if MLflow is not installed; names the extra.
        ValueError: for an experiment that is no plain name.
    """

    file = "mlflow.json"

    def __init__(self, *, experiment: str = "mmgraph", tracking_uri: str | None = None) -> None:
        self.experiment = _plain("logger.mlflow.experiment", experiment)
        self.tracking_uri = tracking_uri
        try:
            import mlflow  # heavy, and an extra
        except ImportError as error:
            raise _missing("mlflow") from error
        self._mlflow = mlflow
        self._run_id: str | None = None
        self._client: Any = None

    def write(self, run_dir: Path, history: History) -> None:
        """Sends the rows that are not there yet."""
        if self._client is None:
            with _folders_allowed():
                self._client = self._mlflow.MlflowClient(tracking_uri=self._place(run_dir))
        tracked = TrackedRun.read(run_dir / self.file) or TrackedRun(self._begin(run_dir))
        if self._run_id is None:
            tracked.save(run_dir / self.file)
            self._client.update_run(tracked.id, status="RUNNING")
            self._run_id = tracked.id
        for row in tracked.take(history):
            self._client.log_batch(tracked.id, metrics=self._metrics(row))
        tracked.save(run_dir / self.file)

    def close(self, *, failed: bool) -> None:
        """Marks the run as ended there."""
        if self._run_id is not None:
            self._client.set_terminated(self._run_id, status="FAILED" if failed else "FINISHED")
            self._run_id = None

    def _place(self, run_dir: Path) -> str | None:
        """Where MLflow writes; None: what its environment says."""
        if self.tracking_uri is not None or os.environ.get("MLFLOW_TRACKING_URI"):
            return self.tracking_uri
        return (run_dir / "mlruns").absolute().as_uri()

    def _begin(self, run_dir: Path) -> str:
        """Creates the run, with its settings."""
        from mlflow.entities import Param

        found = self._client.get_experiment_by_name(self.experiment)
        experiment = self._client.create_experiment(self.experiment) if found is None else found.experiment_id
        run_id: str = self._client.create_run(experiment, run_name=run_dir.name).info.run_id
        params = [
            Param(_named(key), str(value)[:_LONGEST_VALUE]) for key, value in leaves(settings_in(run_dir)).items()
        ]
        for start in range(0, len(params), _PARAMS_AT_ONCE):
            self._client.log_batch(run_id, params=params[start : start + _PARAMS_AT_ONCE])
        return run_id

    def _metrics(self, row: Row) -> list[Any]:
        from mlflow.entities import Metric

        now = int(1000 * time.time())
        return [Metric(_named(name), value, now, int(row["epoch"])) for name, value in row.items() if name != "epoch"]


@contextmanager
def _folders_allowed() -> Iterator[None]:
    """MLflow 3 writes into a folder only where its environment has a word that says so."""
    stated = os.environ.get(_FOLDERS)
    os.environ[_FOLDERS] = stated or "true"
    try:
        yield
    finally:
        if stated is None:
            del os.environ[_FOLDERS]


def _named(name: str) -> str:
    """A name that MLflow takes: it stands for a file there."""
    plain = _NOT_IN_NAMES.sub("_", name)
    return "/".join(part if part.strip(".") else "_" for part in plain.split("/"))
