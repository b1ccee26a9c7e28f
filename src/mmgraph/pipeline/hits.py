"""``hits.npz`` in the folder of a run: what was found for each user, with the best weights."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mmgraph.evaluation import Hits
from mmgraph.files import atomic_write
from mmgraph.reading import read_archive

HITS = "hits.npz"


def write_hits(run_dir: Path, hits: Mapping[str, Hits]) -> None:
    """Keeps what was found, by split: users' rows, a bit for each rank, numbers of held-out items.

    Every metric of single users follows from it. With lists of 50 it takes 15 bytes a user and split.

    Args:
        run_dir: the run's folder.
        hits: by name of the split.

    Raises:
        OSError: if it cannot be written; what was there before is untouched.
    """
    arrays: dict[str, Any] = {
        f"{split}.{name}": x for split, found in hits.items() for name, x in _arrays(found).items()
    }
    with atomic_write(run_dir / HITS, "wb") as file:
        np.savez(file, **arrays)


def _arrays(hits: Hits) -> dict[str, np.ndarray]:
    return {
        "user": hits.user.int().numpy(),
        "hit": np.packbits(hits.hit.numpy(), axis=1),
        "relevant": hits.relevant.int().numpy(),
        "k": np.array(hits.hit.size(1)),
    }


def read_hits(run_dir: Path) -> dict[str, Hits]:
    """What :func:`write_hits` kept, by split.

    Raises:
        FileNotFoundError: if the folder has no such file, as those of versions before 0.3.
        ValueError: if it is damaged.
    """
    path = run_dir / HITS
    arrays = read_archive(path)
    try:
        return {split: _hits(arrays, split) for split in dict.fromkeys(name.partition(".")[0] for name in arrays)}
    except (KeyError, TypeError, ValueError, IndexError, RuntimeError) as error:
        raise ValueError(
            f"{path} is damaged ({error}): delete it, and it is made anew from the run's weights"
        ) from error


def _hits(arrays: Mapping[str, np.ndarray], split: str) -> Hits:
    user, packed, relevant, k = (arrays[f"{split}.{name}"] for name in ("user", "hit", "relevant", "k"))
    width = int(k)
    if packed.shape != (user.size, -(-width // 8)) or relevant.shape != user.shape or user.ndim != 1:
        raise ValueError(f"arrays of {split} do not fit each other")
    if (np.diff(user) <= 0).any() or (relevant < 1).any():
        raise ValueError(f"users of {split} must ascend, each with a held-out item")
    hit = np.unpackbits(packed, axis=1, count=width).astype(bool)
    return Hits(torch.from_numpy(user).long(), torch.from_numpy(hit), torch.from_numpy(relevant).long())
