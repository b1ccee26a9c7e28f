"""Reads and checks the features of items: one ``<modality>_feat.npy`` a modality."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int64

from mmgraph.reading import map_matrix, open_array, open_matrix, read_matrix, row_blocks

SUFFIX = "_feat.npy"
MASK_SUFFIX = "_mask.npy"


class Modality(NamedTuple):
    """The features of one modality.

    Attributes:
        x: one row an item, in single precision; in half where it stays in such a file.
        has: which items have the modality; ``None`` when all do.
    """

    x: Float[np.ndarray, "items feat"]
    has: Bool[np.ndarray, "items"] | None


def find_modalities(folder: Path, chosen: Sequence[str] | None = None) -> list[str]:
    """Lists the modalities of a folder by name, or checks those that were chosen.

    Raises:
        ValueError: one is not there.
    """
    found = sorted(path.name.removesuffix(SUFFIX) for path in folder.glob(f"*{SUFFIX}"))
    if unknown := [name for name in chosen or [] if name not in found]:
        raise ValueError(f"modalities: unknown {unknown}; {folder} has {found} (files <modality>{SUFFIX})")
    return found if chosen is None else list(chosen)


def count_rows(folder: Path, names: Sequence[str]) -> dict[str, int]:
    """Numbers of rows by modality, from the headers of the files.

    Raises:
        ValueError: a file is no matrix of real numbers.
    """
    return {name: len(open_matrix(folder / f"{name}{SUFFIX}")) for name in names}


def read_modality(folder: Path, name: str, *, in_file: bool = False) -> Modality:
    """Reads one modality; items whose row is all NaN, or False in ``<modality>_mask.npy``, lack it.

    Args:
        folder: where the files lie.
        name: the modality.
        in_file: leaves it in its file, in half or single precision, to be read as it is used.

    Raises:
        ValueError: the file is no two-dimensional numeric ``.npy`` (or would need pickle, or is cut off), has a NaN or
            Inf in a row that is not missing as a whole, or no row that is there.
    """
    path = folder / f"{name}{SUFFIX}"
    mask_path = folder / f"{name}{MASK_SUFFIX}"
    x = map_matrix(path) if in_file else read_matrix(path)
    has = _read_mask(mask_path, len(x)) if mask_path.exists() else np.ones(len(x), dtype=np.bool_)
    zero = _look_through(path, x, has)
    if not has.any():
        raise ValueError(f"{path}: no item has the modality '{name}'; leave it out of modalities")
    if zero.any() and not mask_path.exists():
        _warn_of_zero_rows(path, mask_path, zero)
    return Modality(x, None if has.all() else has)


def take_rows(modality: Modality, index: Int64[np.ndarray, "kept"]) -> Modality:
    """The rows of ``index``, which ascends, moved to the front of the memory they lie in.

    Example:
        >>> x = np.array([[1.0], [2.0], [3.0]], dtype=np.float32)
        >>> take_rows(Modality(x, np.array([True, False, True])), np.array([0, 2]))
        Modality(x=array([[1.],
               [3.]], dtype=float32), has=None)
    """
    kept = modality.x[: len(index)]
    for rows in row_blocks(kept):
        kept[rows] = modality.x[index[rows]]  # never from a row that was written: index[i] >= i
    has = None if modality.has is None else modality.has[index]
    return Modality(kept, None if has is None or bool(has.all()) else has)


def _read_mask(path: Path, num_rows: int) -> Bool[np.ndarray, "rows"]:
    mask = open_array(path)
    if mask.dtype != np.bool_ or mask.shape != (num_rows,):
        raise ValueError(
            f"{path}: must be a boolean vector of {num_rows} entries, one a row of the features, found {mask.dtype} of "
            f"shape {mask.shape}"
        )
    return np.array(mask)


def _look_through(
    path: Path, x: Float[np.ndarray, "rows feat"], has: Bool[np.ndarray, "rows"]
) -> Bool[np.ndarray, "rows"]:
    """Takes rows that are all NaN out of ``has``, and returns which are all zero; once through, for files are large.

    Raises:
        ValueError: another row that is there has a value that is not finite.
    """
    zero = np.zeros(len(x), dtype=np.bool_)
    first = None
    count = 0
    for rows in row_blocks(x):
        block = x[rows]
        has[rows] &= ~np.isnan(block).all(axis=1)
        zero[rows] = ~block.any(axis=1)
        bad = ~np.isfinite(block) & has[rows, None]
        if bad.any():
            count += int(bad.sum())
            first = first or tuple(int(i) for i in np.argwhere(bad)[0] + (rows.start, 0))
    if first is not None:
        raise ValueError(
            f"{path}: row {first[0]}, column {first[1]} is {x[first]} as float32 ({count} such values); mend it, or "
            f"make the whole row NaN (or False in {path.name.removesuffix(SUFFIX)}{MASK_SUFFIX}) if the item lacks "
            "the modality"
        )
    return zero


def _warn_of_zero_rows(path: Path, mask_path: Path, zero: Bool[np.ndarray, "rows"]) -> None:
    warnings.warn(
        f"{path}: {int(zero.sum())} of {len(zero)} rows are all zero (the first is row {int(zero.argmax())}), "
        f"probably of items that lack the modality; {mask_path.name} says so (boolean, False where one lacks it): "
        f"numpy.save('{mask_path.name}', numpy.load('{path.name}').any(axis=1))",
        stacklevel=2,
    )
