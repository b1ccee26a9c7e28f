"""What ``dataset.json`` states of the features that were encoded."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmgraph.datasets.features import SUFFIX
from mmgraph.files import atomic_write
from mmgraph.reading import hash_file

FILE = "dataset.json"
_KEY = "features"


def read_own(folder: Path, modality: str) -> dict[str, Any] | None:
    """The entry of features that are there; ``None`` where there are none.

    Raises:
        FileExistsError: there are features that were not encoded here, or were changed: they are not overwritten.
    """
    path = folder / f"{modality}{SUFFIX}"
    if not path.exists():
        return None
    entry = _read(folder).get(_KEY, {}).get(modality, {})
    if entry.get("sha256") != hash_file(path):
        raise FileExistsError(
            f"{path} is there and, by {FILE}, was not encoded by mmgraph as it is now, so it is not overwritten: move "
            f"it away, or keep it by {modality}=null"
        )
    return dict(entry)


def read_entries(folder: Path) -> dict[str, dict[str, Any]]:
    """How a folder's features were encoded, by modality.

    Raises:
        ValueError: it does not say, or what it says cannot be right.
    """
    entries = _read(folder).get(_KEY, {})
    if not entries:
        raise ValueError(
            f"{folder}: no {FILE} says how its features were encoded: encode it by mmgraph-encode {folder}"
        )
    for modality, entry in entries.items():
        columns = entry.get("columns") if isinstance(entry, dict) else None
        if not isinstance(columns, list) or not all(isinstance(x, str) for x in [*columns, entry.get("encoder")]):
            raise ValueError(f"{folder / FILE}: features.{modality} must name its encoder and columns")
    return dict(entries)


def write_entry(folder: Path, modality: str, entry: Mapping[str, Any]) -> None:
    """States how features were made, where the folder has a ``dataset.json``.

    Args:
        folder: the folder.
        modality: name of the features.
        entry: what made them, and the hash of the file as ``sha256``.
    """
    if not (folder / FILE).exists():
        return
    record = _read(folder)
    record[_KEY] = {**record.get(_KEY, {}), modality: dict(entry)}
    with atomic_write(folder / FILE) as file:
        file.write(json.dumps(record, indent=2, ensure_ascii=False) + "\n")


def _read(folder: Path) -> dict[str, Any]:
    path = folder / FILE
    if not path.exists():
        return {}
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: cannot be read as JSON: {error}") from error
    if not isinstance(record, dict) or not isinstance(record.get(_KEY, {}), dict):
        raise ValueError(f"{path}: must be a JSON object, and '{_KEY}' in it one too")
    return record
