"""What the service is given when it starts."""

import os
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Any

TOKEN = "MMGRAPH_SERVE_TOKEN"
INDICES = ("auto", "exact", "approximate")
_LEAST = {"port": 0, "workers": 1, "k_max": 1, "batch_max": 1, "body_max": 1, "concurrency": 1}
_PATHS = ("run", "images", "data_root")
_HIGHEST_PORT = 65_535


@dataclass(frozen=True)
class Settings:
    """Where a run lies, where it is served, and what a request may ask for.

    What a request must carry as its token (``Authorization: Bearer ...``) stands in the environment variable
    :data:`TOKEN`; where that is not set, it need not carry any.

    Args:
        run: the run's folder, or a pointer file: a text file whose one line is the path of the newest run's folder
            (from the file's own folder, where it is relative).
        host: the address to listen at; only this machine reaches the default one.
        port: 0 takes a free one.
        workers: processes, each of which has the run.
        images: the folder of the pictures that the item table names; None shows none.
        index: ``"exact"`` looks at every item for a list, ``"approximate"`` at those that lie near (faiss), ``"auto"``
            at every one unless there are many (:data:`~mmgraph.serve.open_run.LARGE`).
        data_root: where the data sets lie now, if not where they were: features are read there, and all of a run of an
            earlier version of mmgraph.
        poll: seconds between two looks at the pointer file.
        k_max: longest list that a request may ask for.
        batch_max: most lists in a request.
        body_max: largest request, in bytes.
        concurrency: requests that a worker works on or has waiting; those beyond are turned away with 503.

    Raises:
        ValueError: if one of them cannot be right.
    """

    run: str | Path
    _: KW_ONLY
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    images: str | Path | None = None
    index: str = "auto"
    data_root: str | Path | None = None
    poll: float = 2.0
    k_max: int = 100
    batch_max: int = 256
    body_max: int = 2**20
    concurrency: int = 128
    token: str | None = field(init=False, repr=False, default_factory=lambda: os.environ.get(TOKEN) or None)

    def __post_init__(self) -> None:
        for name in _LEAST:
            _check_number(name, getattr(self, name))
        if self.port > _HIGHEST_PORT:
            raise ValueError(f"port must be at most {_HIGHEST_PORT}, got {self.port}")
        if isinstance(self.poll, bool) or not isinstance(self.poll, int | float) or not 0 < self.poll < float("inf"):
            raise ValueError(f"poll must be a number of seconds above 0, got {self.poll!r}")
        if self.index not in INDICES:
            raise ValueError(f"index must be one of {', '.join(INDICES)}, got {self.index!r}")
        for name in _PATHS:
            _check_path(name, getattr(self, name))
        for name in ("images", "data_root"):
            folder = getattr(self, name)
            if folder is not None and not Path(folder).expanduser().is_dir():
                raise ValueError(f"{name}={folder}: there is no such folder")


def _check_number(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < _LEAST[name]:
        raise ValueError(f"{name} must be a whole number from {_LEAST[name]} on, got {value!r}")


def _check_path(name: str, value: Any) -> None:
    if value is not None and (not isinstance(value, str | Path) or not str(value)):
        raise ValueError(f"{name} must be a path, got {value!r}")
