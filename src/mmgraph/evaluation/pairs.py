"""A set of (user, item) pairs that answers questions about many users at once."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Int
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.nn import edge_rows, ragged_rows
from mmgraph.typing import INTERACTS, PARTS, REV_INTERACTS

_LARGEST = torch.iinfo(torch.int32).max


class PairSet(NamedTuple):
    """Distinct pairs by user: what is known of users, or held out from them.

    Attributes:
        item: the items of all users one after another, each user's ascending; any kind of integer.
        pointer: ``(num_users + 1,)``, where each user's pairs begin in ``item``.
        num_items: number of items.

    Example:
        >>> pairs = PairSet.of([torch.tensor([[2, 0, 0], [1, 3, 1]])], num_users=3, num_items=4)
        >>> pairs.users()
        tensor([0, 2])
        >>> pairs.entries(torch.tensor([2, 0]))
        (tensor([0, 1, 1]), tensor([1, 1, 3]))
        >>> pairs.contains(torch.tensor([0, 1]), torch.tensor([[0, 1], [1, 3]]))
        tensor([[False,  True],
                [False, False]])
    """

    item: Tensor
    pointer: Tensor
    num_items: int

    @classmethod
    def of(cls, edge_indices: Sequence[Tensor], *, num_users: int, num_items: int) -> "PairSet":
        """The union of several ``(2, E)`` lists of pairs."""
        user, item = torch.cat([torch.empty(2, 0, dtype=torch.long), *(edges.cpu() for edges in edge_indices)], dim=1)
        key = (user * num_items + item).unique()
        return cls._of_keys(key, num_users, num_items)

    @classmethod
    def of_part(cls, data: HeteroData, part: str) -> "PairSet":
        """The interactions of a part of the split; those that lie in files stay there.

        Args:
            data: holds them.
            part: one of :data:`~mmgraph.typing.PARTS`.
        """
        sizes = {f"num_{side}s": int(data[side].num_nodes) for side in ("user", "item")}
        if part == "train" and (rows := edge_rows(data, REV_INTERACTS)) is not None:
            return cls(rows.source, rows.pointer, sizes["num_items"])
        return cls.of([data[INTERACTS][PARTS[part]]], **sizes)

    @classmethod
    def union(cls, sets: Sequence["PairSet"], *, num_users: int, num_items: int) -> "PairSet":
        """The pairs of several sets, in memory where there is more than one."""
        if len(sets) == 1:
            return sets[0]
        key = torch.cat([torch.empty(0, dtype=torch.long), *(pairs.key.cpu() for pairs in sets)]).unique()
        return cls._of_keys(key, num_users, num_items)

    @classmethod
    def _of_keys(cls, key: Tensor, num_users: int, num_items: int) -> "PairSet":
        pointer = torch.searchsorted(key, torch.arange(num_users + 1) * num_items)
        item = key % num_items
        return cls(item.int() if num_items <= _LARGEST else item, pointer, num_items)

    @property
    def key(self) -> Int[Tensor, " pairs"]:
        """``user * num_items + item`` of each pair, ascending; made anew each time."""
        user = torch.arange(self.pointer.numel() - 1, device=self.item.device).repeat_interleave(self.pointer.diff())
        return user * self.num_items + self.item

    def to(self, device: torch.device) -> "PairSet":
        """The same pairs on ``device``."""
        return PairSet(self.item.to(device), self.pointer.to(device), self.num_items)

    def of_users(self, start: int, stop: int) -> "PairSet":
        """The pairs of users ``start`` to ``stop``, who are counted from 0, in memory of their own.

        >>> PairSet.of([torch.tensor([[0, 2], [1, 3]])], num_users=3, num_items=4).of_users(1, 3).pairs()
        tensor([[1],
                [3]])
        """
        first, behind = self.pointer[start], self.pointer[stop]
        return PairSet(self.item[first:behind].clone(), self.pointer[start : stop + 1] - first, self.num_items)

    def pairs(self) -> Int[Tensor, "2 pairs"]:
        """Users over items, sorted."""
        key = self.key
        return torch.stack([key // self.num_items, key % self.num_items])

    def users(self) -> Int[Tensor, " users"]:
        """Users with at least one pair, ascending."""
        return self.pointer.diff().nonzero().flatten()

    def counts(self, user_idx: Int[Tensor, " batch"]) -> Int[Tensor, " batch"]:
        """Number of pairs of each user."""
        return self.pointer[user_idx + 1] - self.pointer[user_idx]

    def entries(self, user_idx: Int[Tensor, " batch"]) -> tuple[Int[Tensor, " pairs"], Int[Tensor, " pairs"]]:
        """All pairs of the users as ``(row, item)``, where row is a position in ``user_idx``."""
        row, place = ragged_rows(self.pointer[user_idx], self.counts(user_idx))
        return row, self.item[place].long()

    def contains(self, user_idx: Int[Tensor, " batch"], item_idx: Int[Tensor, "batch k"]) -> Bool[Tensor, "batch k"]:
        """Which of the k items given for each user are pairs of the set; holds a byte for each user and item."""
        # A look into a table each, where a search in the sorted pairs would take one for each of its halvings.
        table = torch.zeros(user_idx.numel(), self.num_items, dtype=torch.bool, device=item_idx.device)
        table[self.entries(user_idx)] = True
        return table.gather(1, item_idx)


def held_parts(data: HeteroData) -> list[str]:
    """The parts of the split whose interactions are in the data, whether in memory or in files.

    >>> data = HeteroData()
    >>> data["user", "interacts", "item"].edge_index = torch.tensor([[0], [0]])
    >>> held_parts(data)
    ['train']
    """
    mapped = ["train"] if edge_rows(data) is not None else []
    return [part for part, key in PARTS.items() if key in data[INTERACTS] or part in mapped]
