"""Sorted files of interactions in the cache: made where they are absent or damaged, else opened as they are."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Int64
from torch import Tensor

from mmgraph.datasets.mapped.build import HELD_OUT, Sizes
from mmgraph.files import open_new, put_in_place
from mmgraph.nn import EdgeRows, mapped_tensor
from mmgraph.reading import hash_file, open_array

_DESCRIPTION = "interactions.json"
_FILES = ("user_pointer", "user_item", "item_pointer", "item_user", *HELD_OUT)


class MappedInteractions(NamedTuple):
    """Interactions that lie in files.

    Attributes:
        sizes: how many users and items there are, and which ids they have.
        split_hash: as :class:`~mmgraph.datasets.base.InteractionDataset` has it.
        by_user: the train interactions, users being the targets.
        by_item: the same, items being the targets.
        held_out: the pairs of ``val`` and ``test``, in memory.
    """

    sizes: Sizes
    split_hash: str
    by_user: EdgeRows
    by_item: EdgeRows
    held_out: dict[str, Int64[Tensor, "2 pairs"]]


def kept_or_built(folder: Path, make: Callable[[Path], Sizes]) -> MappedInteractions:
    """Opens the files of a folder, or has them made there: whole, or not at all.

    Args:
        folder: in the cache, of a name that changes with what the files are made of.
        make: writes the files into a folder that is there.

    Raises:
        OSError: they cannot be written.
        ValueError: what ``make`` raises.
    """
    if (found := _opened(folder)) is not None:
        return found
    shutil.rmtree(folder, ignore_errors=True)
    try:
        with put_in_place(folder) as part:
            part.mkdir()
            _describe(part, make(part))
    except OSError:
        if (found := _opened(folder)) is None:  # else another process was faster
            raise
        return found
    made = _opened(folder)
    if made is None:
        raise OSError(f"{folder} is not what was written there a moment ago")
    return made


def _describe(folder: Path, sizes: Sizes) -> None:
    files = {name: hash_file(folder / f"{name}.npy") for name in _FILES}
    by_user = _rows(folder, "user_pointer", "user_item")
    held_out = {name: np.load(folder / f"{name}.npy") for name in HELD_OUT}
    described = {"sizes": sizes._asdict(), "split_hash": _split_hash(sizes, by_user, held_out), "files": files}
    with open_new(folder / _DESCRIPTION) as file:
        json.dump(described, file, indent=1)


def _split_hash(sizes: Sizes, by_user: EdgeRows, held_out: dict[str, np.ndarray]) -> str:
    """That of :func:`mmgraph.datasets.base.split_hash`, some interactions at a time."""
    digest = hashlib.sha256(f"train {by_user.num_edges}\n".encode())
    first = np.array([sizes.first_user, sizes.first_item])
    for user, item in by_user.blocks():
        digest.update((torch.stack([user, item], dim=1).numpy() + first).astype("<i8").data)
    for name, pairs in held_out.items():
        digest.update(f"{name} {pairs.shape[1]}\n".encode())
        digest.update(np.ascontiguousarray(pairs.T + first, dtype="<i8").data)
    return digest.hexdigest()


def _opened(folder: Path) -> MappedInteractions | None:
    """What lies there; ``None`` where that is nothing, or not what was written."""
    try:
        described: dict[str, Any] = json.loads((folder / _DESCRIPTION).read_text(encoding="utf-8"))
        if any(hash_file(folder / f"{name}.npy") != described["files"][name] for name in _FILES):
            return None
        sizes = Sizes(**{name: int(value) for name, value in described["sizes"].items()})
        by_user, by_item = _rows(folder, "user_pointer", "user_item"), _rows(folder, "item_pointer", "item_user")
        held_out = {name: torch.from_numpy(np.load(folder / f"{name}.npy").astype(np.int64)) for name in HELD_OUT}
        found = MappedInteractions(sizes, str(described["split_hash"]), by_user, by_item, held_out)
        return found if _is_sound(found) else None
    except Exception:  # whatever the files hold: they are made anew
        return None


def _rows(folder: Path, pointer: str, source: str) -> EdgeRows:
    arrays = [open_array(folder / f"{name}.npy") for name in (pointer, source)]
    if [(x.dtype.str, x.ndim) for x in arrays] != [("<i8", 1), ("<i4", 1)]:
        raise ValueError("must be vectors of numbers")
    return EdgeRows(*map(mapped_tensor, arrays))


def _is_sound(found: MappedInteractions) -> bool:
    """Whether every number is in its range: what indexes memory later."""
    sizes = found.sizes
    sides = ((found.by_user, sizes.num_users, sizes.num_items), (found.by_item, sizes.num_items, sizes.num_users))
    return all(
        rows.num_targets == targets
        and int(rows.pointer[0]) == 0
        and int(rows.pointer[-1]) == rows.num_edges
        and bool((rows.degree() >= 0).all())
        and all(int(x.min()) >= 0 and int(x.max()) < sources for x in rows.source.split(2**24))
        for rows, targets, sources in sides
    )
