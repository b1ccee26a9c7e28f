"""Reads, checks and scales the features of items: one ``<modality>_feat.npy`` a modality."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float32, Shaped

SUFFIX = "_feat.npy"
MISSING = ("mean", "zero")


class Modality(NamedTuple):
    """The features of one modality.

    Attributes:
        x: one row an item.
        has: which items have the modality; ``None`` when all do.
    """

    x: Float32[np.ndarray, "items feat"]
    has: Bool[np.ndarray, "items"] | None


def find_modalities(folder: Path, chosen: Sequence[str] | None = None) -> list[str]:
    """Lists the modalities of a folder by name, or checks those that were chosen.

    Raises:
        ValueError: one is not there.
    """
    found = sorted(path.name.removesuffix(SUFFIX) for path in folder.glob(f"*{SUFFIX}"))
    if isinstance(chosen, str):
        raise ValueError(f"modalities={chosen!r}: give a list, as in [{chosen}]")
    if unknown := [name for name in chosen or [] if name not in found]:
        raise ValueError(f"modalities: unknown {unknown}; {folder} has {found} (files <modality>{SUFFIX})")
    return found if chosen is None else list(chosen)


def read_modality(folder: Path, name: str, *, num_items: int, exact: bool = True) -> Modality:
    """Reads one modality; items whose row is all NaN, or False in ``<modality>_mask.npy``, lack it.

    Args:
        folder: where the files lie.
        name: the modality.
        num_items: how many items the interactions name.
        exact: further rows are an error.

    Raises:
        ValueError: the file is no two-dimensional numeric ``.npy`` (or would need pickle, or is cut off), has another
            number of rows than there are items, or a NaN or Inf in a row that is not missing as a whole.
    """
    path = folder / f"{name}{SUFFIX}"
    raw = _read_array(path)
    if raw.ndim != 2 or raw.dtype.kind not in "fiu":
        raise ValueError(f"{path}: must be a matrix of real numbers, found {raw.dtype} of shape {raw.shape}")
    _check_length(path, raw, num_items, exact)
    with np.errstate(over="ignore"):  # reported below as Inf
        x = raw.astype(np.float32, order="C")
    has = np.asarray(~np.isnan(x).all(axis=1))
    if (mask_path := folder / f"{name}_mask.npy").exists():
        mask = _read_array(mask_path)
        if mask.dtype != np.bool_ or mask.ndim != 1:
            raise ValueError(f"{mask_path}: must be a boolean vector, found {mask.dtype} of shape {mask.shape}")
        _check_length(mask_path, mask, len(x), exact=True)
        has &= mask
    bad = ~np.isfinite(x) & has[:, None]
    if bad.any():
        row, column = (int(i) for i in np.argwhere(bad)[0])
        raise ValueError(
            f"{path}: row {row}, column {column} is {x[row, column]} as float32 ({int(bad.sum())} such values); mend "
            f"it, or make the whole row NaN (or False in {mask_path.name}) if the item lacks the modality"
        )
    return Modality(x, None if has.all() else has)


def prepare(modality: Modality, *, steps: Sequence[str], missing: str) -> Modality:
    """Scales the rows that are there, then fills the others.

    Args:
        modality: as read.
        steps: names of :data:`SCALINGS`, applied in this order; their statistics come from the rows that are there.
        missing: what an item without the modality gets: ``"mean"`` of the scaled rows (as in MMRec's files) or
            ``"zero"``.

    Example:
        >>> x = np.array([[3, 4], [0, 2], [np.nan, np.nan]], dtype=np.float32)
        >>> prepare(Modality(x, np.array([True, True, False])), steps=["l2"], missing="mean").x
        array([[0.6, 0.8],
               [0. , 1. ],
               [0.3, 0.9]], dtype=float32)
    """
    available = modality.x if modality.has is None else modality.x[modality.has]
    for step in steps:
        available = SCALINGS[step](available)
    if modality.has is None:
        return Modality(available, None)
    filled = np.zeros_like(modality.x)
    if missing == "mean":
        filled += available.mean(axis=0, dtype=np.float64).astype(np.float32)
    filled[modality.has] = available
    return Modality(filled, modality.has)


def scaling_steps(features: str | Mapping[str, str | Sequence[str]], found: Sequence[str]) -> dict[str, list[str]]:
    """Spells out the ``features`` option: for every modality the scalings to apply, in order.

    Raises:
        ValueError: a scaling or a modality is not known.

    Example:
        >>> scaling_steps({"audio": ["standardize", "l2"]}, ["audio", "text"])
        {'audio': ['standardize', 'l2'], 'text': ['raw']}
    """
    by_name = dict.fromkeys(found, features) if isinstance(features, str) else features
    if unknown := sorted(set(by_name) - set(found)):
        raise ValueError(f"features: unknown modality {unknown}; the folder has {list(found)}")
    chosen = {name: by_name.get(name, "raw") for name in found}
    steps = {name: [value] if isinstance(value, str) else list(value) for name, value in chosen.items()}
    for name, names in steps.items():
        if unknown := [step for step in names if step not in SCALINGS]:
            raise ValueError(f"features.{name}: unknown scaling {unknown}; must be of {list(SCALINGS)}")
    return steps


def _raw(x: Float32[np.ndarray, "rows feat"]) -> Float32[np.ndarray, "rows feat"]:
    return x


def _l2(x: Float32[np.ndarray, "rows feat"]) -> Float32[np.ndarray, "rows feat"]:
    """Gives every row norm 1; a row of zeros stays."""
    norm = np.sqrt(np.einsum("ij,ij->i", x, x, dtype=np.float64))
    return x / np.where(norm > 0, norm, 1).astype(np.float32)[:, None]


def _standardize(x: Float32[np.ndarray, "rows feat"]) -> Float32[np.ndarray, "rows feat"]:
    """Gives every column mean 0 and standard deviation 1; a constant column becomes 0."""
    centred = x - x.mean(axis=0, dtype=np.float64).astype(np.float32)
    std = np.sqrt(np.square(centred).mean(axis=0, dtype=np.float64))
    return centred / np.where(std > 0, std, 1).astype(np.float32)


SCALINGS = {"raw": _raw, "l2": _l2, "standardize": _standardize}


def _read_array(path: Path) -> Shaped[np.ndarray, "..."]:
    """Opens an array without unpickling; mapping it compares its header with its length before memory is taken."""
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise ValueError(
            f"{path}: cannot be read as a plain .npy array: {error}. It is cut off, or holds Python objects (which are "
            "never unpickled); write it again with numpy.save from a numeric array"
        ) from error
    if not isinstance(array, np.ndarray):
        raise ValueError(f"{path}: must be one .npy array, found an archive of {sorted(array)}")
    return array


def _check_length(path: Path, array: np.ndarray, expected: int, exact: bool) -> None:
    if len(array) < expected or (exact and len(array) != expected):
        raise ValueError(f"{path}: {len(array)} rows, but there are {expected} items; row i must belong to item i")
