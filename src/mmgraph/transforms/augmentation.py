"""What a language model states of users, items and their choices, read from files or stood in for (LLMRec)."""

import copy
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.reading import FLOATS, hash_file, line_of_row, open_matrix, read_columns, read_layout, read_matrix
from mmgraph.transforms.base import GraphTransform
from mmgraph.transforms.knn import modality_names
from mmgraph.transforms.user_items import top_unseen_items
from mmgraph.typing import INTERACTS

PROFILE = "user_profile.npy"
PAIRS = "pairs.tsv"
ATTRIBUTE = "item_{}.npy"
HEADER = ["userID", "liked_itemID", "disliked_itemID"]
PREFERS = ("user", "prefers", "item")
"""Edge type of the items that a user would like."""
REJECTS = ("user", "rejects", "item")
"""Edge type of those that the same user would not like, one for each of the others."""


class Augmentation(NamedTuple):
    """What is added to a graph.

    Attributes:
        profile: one vector for each user, ``(U, d)``.
        attributes: vectors of the items by attribute, ``(I, d_name)`` each; at least one.
        pairs: users over items they would like over items they would not, ``(3, P)``.
    """

    profile: Float[Tensor, "users _"]
    attributes: Mapping[str, Float[Tensor, "items _"]]
    pairs: Int[Tensor, "3 pairs"]


def add_augmentation(data: HeteroData, augmentation: Augmentation) -> HeteroData:
    """A new graph with the user's ``profile``, the items' ``attribute_<name>``, and edges ``prefers`` and ``rejects``.

    The two kinds of edges belong together one by one: the user of both prefers the one item to the other.

    Args:
        data: the graph to add to, which stays as it is.
        augmentation: what to add.
    """
    augmented = copy.copy(data)
    user, liked, disliked = augmentation.pairs
    augmented["user"].profile = augmentation.profile
    for name, x in augmentation.attributes.items():
        augmented["item"][f"attribute_{name}"] = x
    augmented[PREFERS].edge_index = torch.stack([user, liked])
    augmented[REJECTS].edge_index = torch.stack([user, disliked])
    return augmented


def stand_in(data: HeteroData, x: Float[Tensor, "items feat"], *, num_candidates: int = 10) -> Augmentation:
    """An augmentation without a language model: users are the mean of their items, and like what is like these.

    Of each user's ``num_candidates`` most similar unseen items the first is the one it likes, the last the one it does
    not. The only attribute, ``content``, are the vectors themselves.

    Args:
        data: a graph with ``interacts`` edges.
        x: vectors of the items.
        num_candidates: items that a user's pair is chosen from, at least 2.

    Raises:
        ValueError: if ``num_candidates`` is below 2.

    Example:
        >>> data = HeteroData(user={"num_nodes": 1}, item={"num_nodes": 3})
        >>> data["user", "interacts", "item"].edge_index = torch.tensor([[0], [0]])
        >>> stand_in(data, torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])).pairs.tolist()
        [[0], [2], [1]]
    """
    if num_candidates < 2:
        raise ValueError(f"num_candidates={num_candidates} must be at least 2: one item liked, one not")
    unit = torch.nn.functional.normalize(x, dim=-1)
    user, item = data[INTERACTS].edge_index
    total = unit.new_zeros(int(data["user"].num_nodes), x.size(1)).index_add_(0, user, unit.index_select(0, item))
    profile = torch.nn.functional.normalize(total, dim=-1)
    users, items = top_unseen_items(data, profile, unit, num_candidates)
    first = torch.ones_like(users, dtype=torch.bool)
    first[1:] = users[1:] != users[:-1]
    last = torch.ones_like(first)
    last[:-1] = first[1:]
    several = ~(first & last)
    liked = first & several
    disliked = last & several
    return Augmentation(profile, {"content": x}, torch.stack([users[liked], items[liked], items[disliked]]))


def read_augmentation(root: str | Path, *, num_users: int, num_items: int) -> Augmentation:
    """Reads the files of an augmentation; ``docs/data.md`` describes them.

    Args:
        root: their folder.
        num_users: U.
        num_items: I.

    Raises:
        FileNotFoundError: if one is not there.
        ValueError: if one is not as described; names the file, and the line where it is a table.
    """
    folder = Path(root).expanduser()
    profile = _read_matrix(folder / PROFILE, num_users, "users")
    names = _attribute_names(folder)
    if not names:
        raise FileNotFoundError(f"no {ATTRIBUTE.format('<attribute>')} in {folder.absolute()}: one file an attribute")
    attributes = {name: _read_matrix(folder / ATTRIBUTE.format(name), num_items, "items") for name in names}
    return Augmentation(profile, attributes, _read_pairs(folder / PAIRS, num_users, num_items))


def _attribute_names(folder: Path) -> list[str]:
    return sorted(path.stem.removeprefix("item_") for path in folder.glob(ATTRIBUTE.format("*")))


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise FileNotFoundError(f"no {path.name} in {path.parent.absolute()} (see docs/data.md, augmentation)")


def _read_matrix(path: Path, num_rows: int, what: str) -> Tensor:
    _check_file(path)
    shape = open_matrix(path, kinds=FLOATS).shape
    if shape[0] != num_rows:
        raise ValueError(f"{path}: must have a row for each of the {num_rows} {what}, found shape {shape}")
    x = torch.from_numpy(read_matrix(path, kinds=FLOATS))
    if not (finite := x.isfinite().all(dim=1)).all():
        raise ValueError(f"{path}: row {int((~finite).nonzero()[0])} has a NaN or Inf as float32")
    return x


def _read_pairs(path: Path, num_users: int, num_items: int) -> Tensor:
    _check_file(path)
    header = read_layout(path).header
    if header != HEADER:
        raise ValueError(f"{path}:1: the header must be {HEADER}, tab-separated; found {header}")
    columns = read_columns(path, dict.fromkeys(HEADER, int))
    for name, size in zip(HEADER, (num_users, num_items, num_items), strict=True):
        outside = (columns[name] < 0) | (columns[name] >= size)
        if outside.any():
            row = int(outside.argmax())
            raise ValueError(
                f"{path}:{line_of_row(path, row)}: {name} must be from 0 to {size - 1}, found {columns[name][row]}"
            )
    return torch.from_numpy(np.stack([columns[name] for name in HEADER]))


class LLMAugmentation(GraphTransform):
    """Adds what a language model states, from files (:func:`read_augmentation`) or by :func:`stand_in`.

    Args:
        root: the files' folder; None: a stand-in is made from the items' features, without a language model.
        modality: the features that the stand-in is made from; None: "text" where there is such, else the first.
        num_candidates: items that a stand-in's pair is chosen from for each user.

    Raises:
        ValueError: if there is nothing to make a stand-in from.
    """

    def __init__(self, *, root: str | None = None, modality: str | None = None, num_candidates: int = 10) -> None:
        self.root = root
        self.modality = modality
        self.num_candidates = num_candidates

    def file_hash(self) -> str | None:
        """SHA-256 over the files' names and bytes; None where nothing is read."""
        if self.root is None:
            return None
        folder = Path(self.root).expanduser()
        names = [PROFILE, *map(ATTRIBUTE.format, _attribute_names(folder)), PAIRS]
        listed = " ".join(f"{name} {hash_file(folder / name)}" for name in names)
        return hashlib.sha256(listed.encode()).hexdigest()

    def forward(self, data: HeteroData) -> HeteroData:
        """The augmented graph; ``data`` stays as it is."""
        if self.root is not None:
            sizes = {"num_users": int(data["user"].num_nodes), "num_items": int(data["item"].num_nodes)}
            return add_augmentation(data, read_augmentation(self.root, **sizes))
        names = modality_names(data["item"])
        chosen = self.modality or ("text" if "text" in names else next(iter(names), None))
        if chosen not in names:
            raise ValueError(f"modality={self.modality!r}: the items have {names}; give one of them, or root=")
        x = data["item"][f"x_{chosen}"]
        return add_augmentation(data, stand_in(data, x, num_candidates=self.num_candidates))
