"""Contents become a matrix of features, part by part, and the matrix two files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mmgraph.datasets.features import MASK_SUFFIX, SUFFIX
from mmgraph.files import atomic_write
from mmgraph.prepare.features.contents import Contents
from mmgraph.prepare.features.encoder import Encoder
from mmgraph.prepare.features.unfinished import Part, Unfinished

PRECISIONS: dict[str, np.dtype[Any]] = {"half": np.dtype(np.float16), "single": np.dtype(np.float32)}


def encode_parts(
    unfinished: Unfinished,
    encoder: Encoder[Any],
    contents: Contents[Any],
    *,
    precision: str,
    on_items: Callable[[int], None],
) -> None:
    """Encodes the parts that are not there yet.

    Args:
        unfinished: keeps the parts.
        encoder: makes rows of contents.
        contents: one an item.
        precision: a key of :data:`PRECISIONS`.
        on_items: called with how many items are done, again and again.

    Raises:
        ValueError: a content cannot be read or encoded.
        OSError: a part cannot be written; those before it are kept.
    """
    todo = unfinished.todo()
    on_items(len(contents) - sum(map(len, todo)))
    if todo:
        encoder.fit(contents.load_all())
    for items in todo:
        has = np.zeros(len(items), dtype=np.bool_)
        blocks = []
        for start in range(0, len(items), encoder.at_once):
            block = items[start : start + encoder.at_once]
            found, x = encode_block(encoder, contents, block, PRECISIONS[precision])
            has[start : start + len(block)] = found
            blocks += [x] if len(x) else []
            on_items(len(block))
        unfinished.save(items, Part(has, np.concatenate(blocks) if blocks else np.zeros((0, 0))))


def encode_block(encoder: Encoder[Any], contents: Contents[Any], items: range, dtype: np.dtype[Any]) -> Part:
    """Which items have something that the encoder finds, and their rows.

    Args:
        encoder: makes rows of contents.
        contents: one an item.
        items: at most ``encoder.at_once`` of them.
        dtype: of the rows.

    Raises:
        ValueError: a content cannot be read or encoded, or its row is not finite.
    """
    named = [item for item in items if contents.names[item]]
    loaded = [(item, content) for item in named if (content := contents.load(item)) is not None]
    has = np.zeros(len(items), dtype=np.bool_)
    if not loaded:
        return Part(has, np.zeros((0, 0)))
    with np.errstate(over="ignore"):
        x = encoder.encode([content for _, content in loaded]).astype(dtype)
    finite = np.isfinite(x).all(axis=1)
    if not finite.all():
        item = loaded[int(finite.argmin())][0]
        raise ValueError(f"item {item}: its row is not finite as {dtype}; precision=single holds larger numbers")
    some = x.any(axis=1)
    has[[item - items.start for item, _ in loaded]] = some
    return Part(has, x[some])


def write_matrix(folder: Path, modality: str, unfinished: Unfinished, *, precision: str) -> dict[str, int]:
    """Joins the parts in ``<modality>_feat.npy`` and ``<modality>_mask.npy``.

    An item without the modality is False in the mask, and its row the mean of the others, for programs that know no
    masks. Rows are written one after the other: on a full disk a memory map would end the process without a word.

    Args:
        folder: where the files go.
        modality: their name.
        unfinished: keeps the parts, all of them.
        precision: a key of :data:`PRECISIONS`.

    Returns:
        ``dim``, and how many items are ``without`` the modality.

    Raises:
        ValueError: no item has the modality.
        OSError: a file cannot be written.
    """
    has = np.concatenate([part.has for part in unfinished.parts()])
    if not has.any():
        raise ValueError(f"{modality}: no item has anything that the encoder finds")
    sums = [part.x.sum(axis=0, dtype=np.float64) for part in unfinished.parts() if len(part.x)]
    mean = np.sum(sums, axis=0) / has.sum()
    dtype = PRECISIONS[precision]
    header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": (len(has), len(mean))}
    with atomic_write(folder / f"{modality}{MASK_SUFFIX}", "wb") as file:
        np.lib.format.write_array(file, has, allow_pickle=False)
    with atomic_write(folder / f"{modality}{SUFFIX}", "wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for part in unfinished.parts():
            rows = np.tile(mean.astype(dtype), (len(part.has), 1))
            if len(part.x):
                rows[part.has] = part.x
            file.write(rows.tobytes())
    return {"dim": len(mean), "without": int((~has).sum())}
