"""Features of items that came after a folder was encoded, by the encoders that made the folder's."""

from collections.abc import Mapping
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np

from mmgraph.datasets.features import MASK_SUFFIX, SUFFIX
from mmgraph.datasets.items_file import FILE
from mmgraph.prepare.features.choose import text_encoder
from mmgraph.prepare.features.contents import Texts
from mmgraph.prepare.features.encoder import Encoder
from mmgraph.prepare.features.items import ItemTable, join_texts, read_item_table
from mmgraph.prepare.features.matrix import encode_block
from mmgraph.prepare.features.record import read_entries
from mmgraph.prepare.features.sources import Source, file_source
from mmgraph.reading import open_array

_COMPARED = 8
_CLOSE = 1e-2
"""Half precision of numbers up to 1 is far below; another model, or other directions, are far above."""


def encode_new_items(
    folder: str | Path,
    items: Any,
    *,
    images: str | Path | None = None,
    sounds: str | Path | None = None,
    batch_size: int = 32,
    device: str = "cpu",
) -> dict[Any, dict[str, np.ndarray]]:
    r"""What :func:`encode_items` would have made of new items; nothing is written.

    ``tfidf`` keeps the terms and directions that the folder's own items taught it.

    Args:
        folder: one that :func:`encode_items` has encoded; its ``dataset.json`` says how.
        items: by id what ``items.tsv`` would say of each: ``{"B7": {"title": "green tea", "image": "b7.jpg"}}``.
            Columns that a modality does not come from are left alone.
        images: folder of the files that ``image`` names; ``None``: no images.
        sounds: folder of the files that ``audio`` names; ``None``: no sounds. A file that is not there, or cannot be
            read as an image, counts as missing.
        batch_size: contents that a model encodes at once.
        device: what a model computes on, as torch names it.

    Returns:
        For each item its rows by modality ``(dim,)`` float32, without those that it lacks: the ``features`` that
        :meth:`mmgraph.Run.with_new` takes.

    Raises:
        FileNotFoundError: there is no ``items.tsv``, or no such model.
        ValueError: the folder was encoded by none, or by something else than is there now; or a content is wrong.
        ModuleNotFoundError: an extra is not installed; names it.

    Example:
        >>> import json, tempfile
        >>> from mmgraph.prepare.features.encode import encode_items
        >>> folder = Path(tempfile.mkdtemp())
        >>> _ = (folder / "dataset.json").write_text("{}")
        >>> rows = ["0\tred shoe", "1\tblue shoe", "2\tred hat", "3\tblue hat"]
        >>> _ = (folder / "items.tsv").write_text("\n".join(["itemID\ttitle", *rows]))
        >>> _ = encode_items(folder, verbose=False)
        >>> found = encode_new_items(folder, {"B7": {"title": "a red shoe"}, "B8": {"title": "tea"}})
        >>> found["B7"]["text"].shape, found["B8"]
        ((4,), {})
    """
    folder = Path(folder).expanduser()
    if not (folder / FILE).is_file():
        raise FileNotFoundError(f"there is no {folder / FILE}: name a folder of mmgraph-prepare")
    _check_items(items)
    entries = read_entries(folder)
    table = _table(folder, items)
    places = {"image": images, "audio": sounds}
    found: dict[Any, dict[str, np.ndarray]] = {name: {} for name in items}
    for modality, entry in entries.items():
        source = _source(modality, entry, table, places)
        if source is None:
            continue
        encoder = source.encoder(entry["encoder"], device=device, batch_size=batch_size)
        _check_model(folder, modality, entry, encoder)
        if modality not in places:
            _learn_from_old(folder, modality, entry, encoder)
        for name, row in _rows(source, encoder, list(items)):
            found[name][modality] = row
    return found


def _check_items(items: Any) -> None:
    example = "{'B7': {'title': 'green tea', 'image': 'b7.jpg'}}"
    if not isinstance(items, Mapping) or not all(isinstance(known, Mapping) for known in items.values()):
        raise ValueError(f"items must be a mapping such as {example}; got {items!r:.80}")


def _table(folder: Path, items: Mapping[Any, Mapping[str, Any]]) -> ItemTable:
    columns = dict.fromkeys(column for known in items.values() for column in known)
    texts = {column: [_text(known.get(column)) for known in items.values()] for column in columns}
    return ItemTable(folder / FILE, texts, len(items))


def _text(value: Any) -> str:
    """What stands in a cell; nothing where programs have None or NaN for it."""
    return "" if value is None or value != value else str(value)


def _source(
    modality: str, entry: Mapping[str, Any], table: ItemTable, places: Mapping[str, str | Path | None]
) -> Source | None:
    """What the new items have of a modality; ``None`` where no item has any."""
    columns = [column for column in entry["columns"] if column in table.columns]
    if not any(any(table.columns[column]) for column in columns):
        return None
    if modality in places:
        place = places[modality]
        if place is None:
            return None
        return file_source(table, modality, Path(place).expanduser(), bad="skip", may_lack_all=True)
    complete = {column: table.columns.get(column, [""] * table.size) for column in entry["columns"]}
    texts = join_texts(table._replace(columns=complete), entry["columns"])
    return Source(modality, entry["columns"], Texts(texts), text_encoder)


def _check_model(folder: Path, modality: str, entry: Mapping[str, Any], encoder: Encoder[Any]) -> None:
    before = entry.get("model_sha256")
    now = encoder.recipe.get("model_sha256")
    if before != now:
        raise ValueError(
            f"{folder}: {modality} was encoded by {entry['encoder']} with weights {str(before)[:12]}, those that are "
            f"there now are {str(now)[:12]}: name the same model, or encode the folder again"
        )


def _learn_from_old(folder: Path, modality: str, entry: Mapping[str, Any], encoder: Encoder[Any]) -> None:
    """Fits the encoder as it was fitted, and makes sure of that by rows of the file."""
    old = Texts(join_texts(read_item_table(folder), entry["columns"]))
    if old.digest != entry["contents_sha256"]:
        raise ValueError(f"{folder / FILE} is not what {modality} was encoded from: encode the folder again")
    encoder.fit(old.load_all())
    has = open_array(folder / f"{modality}{MASK_SUFFIX}")
    some = np.flatnonzero(has)[:_COMPARED]
    stored = np.asarray(open_array(folder / f"{modality}{SUFFIX}")[some], dtype=np.float32)
    again = encoder.encode([old.load(int(item)) for item in some])
    if again.shape != stored.shape or not np.allclose(again, stored, rtol=_CLOSE, atol=_CLOSE):
        raise ValueError(
            f"{folder / f'{modality}{SUFFIX}'}: {entry['encoder']} makes other rows of the same items now "
            f"(versions then: {entry.get('versions')}): encode the folder again"
        )


def _rows(source: Source, encoder: Encoder[Any], ids: list[Any]) -> list[tuple[Any, np.ndarray]]:
    """Ids and rows of the items in which the encoder finds something."""
    found: list[tuple[Any, np.ndarray]] = []
    for start in range(0, len(ids), encoder.at_once):
        items = range(len(ids))[start : start + encoder.at_once]
        has, x = encode_block(encoder, source.contents, items, np.dtype(np.float32))
        found += zip(compress(ids[start:], has), x, strict=True)
    return found
