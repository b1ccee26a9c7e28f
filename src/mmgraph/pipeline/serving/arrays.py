"""Tensors, pairs and texts as plain arrays, and back: one array each, or a few that share a name."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from mmgraph.evaluation.pairs import PairSet
from mmgraph.pipeline.serving.texts import Texts

Arrays = dict[str, np.ndarray]
_HALF = (torch.bfloat16, torch.float16)


def of_tensor(name: str, x: Tensor) -> Arrays:
    """A dense tensor as it is, a sparse one by rows; half precision, which NumPy knows in part, in full.

    Example:
        >>> {key: value.tolist() for key, value in of_tensor("x", torch.eye(2).to_sparse()).items()}
        {'x.pointer': [0, 1, 2], 'x.column': [0, 1], 'x.value': [1.0, 1.0], 'x.shape': [2, 2]}
    """
    x = x.float() if x.dtype in _HALF else x
    if x.layout is torch.strided:
        return {name: x.contiguous().numpy()}
    row, column = x.coalesce().indices()
    pointer = torch.searchsorted(row, torch.arange(x.size(0) + 1))
    parts = {"pointer": pointer, "column": column.int(), "value": x.coalesce().values(), "shape": torch.tensor(x.shape)}
    return {f"{name}.{part}": value.numpy() for part, value in parts.items()}


def to_tensor(name: str, arrays: Mapping[str, np.ndarray]) -> Tensor:
    """What :func:`of_tensor` took.

    Raises:
        KeyError: if an array is missing.
        RuntimeError: if a row or column is not there.
    """
    if name in arrays:
        return torch.from_numpy(arrays[name])
    pointer, column, value, shape = (
        torch.from_numpy(arrays[f"{name}.{part}"]) for part in ("pointer", "column", "value", "shape")
    )
    row = torch.arange(pointer.numel() - 1).repeat_interleave(pointer.diff())
    index = torch.stack([row, column.long()])
    return torch.sparse_coo_tensor(index, value, shape.tolist(), is_coalesced=True, check_invariants=True)


def of_pairs(name: str, pairs: PairSet) -> Arrays:
    """Where each user's items begin, and the items."""
    return {f"{name}.pointer": pairs.pointer.numpy(), f"{name}.item": pairs.item.int().numpy()}


def to_pairs(name: str, arrays: Mapping[str, np.ndarray], *, num_users: int, num_items: int) -> PairSet:
    """What :func:`of_pairs` took.

    Raises:
        KeyError: if an array is missing.
        ValueError: if they are no pairs of so many users and items.
    """
    pointer = torch.from_numpy(arrays[f"{name}.pointer"])
    item = torch.from_numpy(arrays[f"{name}.item"])
    if pointer.numel() != num_users + 1 or pointer[0] != 0 or pointer[-1] != item.numel() or (pointer.diff() < 0).any():
        raise ValueError(f"{name} must have a beginning for each of {num_users} users")
    key = torch.arange(num_users).repeat_interleave(pointer.diff()) * num_items + item
    if ((item < 0) | (item >= num_items)).any() or (key.diff() <= 0).any():
        raise ValueError(f"{name} must have items from 0 to {num_items - 1}, each user's in ascending order")
    return PairSet(item, pointer, num_items)


def of_texts(name: str, texts: Texts) -> Arrays:
    """The bytes, and where each text begins."""
    return {f"{name}.bytes": texts.content, f"{name}.offset": texts.offset}


def to_texts(name: str, arrays: Mapping[str, np.ndarray]) -> Texts:
    """What :func:`of_texts` took.

    Raises:
        KeyError: if an array is missing.
        ValueError: if they are no texts.
    """
    return Texts(arrays[f"{name}.bytes"], arrays[f"{name}.offset"])


def of_ids(name: str, ids: Texts | np.ndarray) -> Arrays:
    """Numbers as they are, texts by their bytes."""
    return {name: ids} if isinstance(ids, np.ndarray) else of_texts(name, ids)


def to_ids(name: str, arrays: Mapping[str, np.ndarray]) -> Texts | np.ndarray:
    """What :func:`of_ids` took."""
    return arrays[name] if name in arrays else to_texts(name, arrays)
