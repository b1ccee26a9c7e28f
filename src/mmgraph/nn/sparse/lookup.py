"""Rows of several lengths in one list, and keys in a sorted one."""

import torch
from jaxtyping import Bool, Int
from torch import Tensor


def ragged_rows(
    start: Int[Tensor, " rows"], count: Int[Tensor, " rows"]
) -> tuple[Int[Tensor, " entries"], Int[Tensor, " entries"]]:
    """Places of the entries of some rows in a list that holds rows one after another.

    Args:
        start: where each row begins in the list.
        count: how many entries it has.

    Returns:
        For each entry its row, as a position in ``start``, and its place in the list.

    Example:
        >>> ragged_rows(torch.tensor([5, 0]), torch.tensor([1, 2]))
        (tensor([0, 1, 1]), tensor([5, 0, 1]))
    """
    row = torch.arange(count.numel(), device=count.device).repeat_interleave(count)
    shift = start - (count.cumsum(0) - count)
    return row, torch.arange(row.numel(), device=count.device) + shift[row]


def find_sorted(
    keys: Int[Tensor, " keys"], wanted: Int[Tensor, "..."]
) -> tuple[Int[Tensor, "..."], Bool[Tensor, "..."]]:
    """Looks values up in a sorted list.

    Args:
        keys: at least one, ascending.
        wanted: what is looked for.

    Returns:
        The place of each value in ``keys``, and whether it is there; where it is not, the place means nothing.

    Example:
        >>> find_sorted(torch.tensor([2, 5, 9]), torch.tensor([5, 6, 99]))
        (tensor([1, 2, 2]), tensor([ True, False, False]))
    """
    place = torch.searchsorted(keys, wanted).clamp_(max=keys.numel() - 1)
    return place, keys[place] == wanted
