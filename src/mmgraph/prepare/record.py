"""``dataset.json``: what was done, with counts before and after each step."""

import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mmgraph
from mmgraph.files import atomic_write

FILE = "dataset.json"


def versions() -> dict[str, str]:
    """What prepared a folder; another version may order or round otherwise."""
    import duckdb

    return {"mmgraph": mmgraph.__version__, "duckdb": duckdb.__version__, "python": platform.python_version()}


def write_record(folder: Path, record: Mapping[str, Any]) -> None:
    """Writes ``dataset.json``; nothing in it depends on the time, the machine or the number of threads."""
    with atomic_write(folder / FILE) as file:
        file.write(json.dumps(record, indent=2, ensure_ascii=False) + "\n")
