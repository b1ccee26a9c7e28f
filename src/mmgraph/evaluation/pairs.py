"""A set of (user, item) pairs that answers questions about many users at once."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from mmgraph.nn import ragged_rows


class PairSet(NamedTuple):
    """Sorted, distinct pairs: what is known of users, or held out from them.

    Attributes:
        key: ``user * num_items + item`` of each pair, ascending.
        pointer: ``(num_users + 1,)``, where each user's pairs begin in ``key``.
        num_items: number of items, the base of the keys.

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

    key: Tensor
    pointer: Tensor
    num_items: int

    @classmethod
    def of(cls, edge_indices: Sequence[Tensor], *, num_users: int, num_items: int) -> "PairSet":
        """The union of several ``(2, E)`` lists of pairs."""
        user, item = torch.cat([torch.empty(2, 0, dtype=torch.long), *(edges.cpu() for edges in edge_indices)], dim=1)
        key = (user * num_items + item).unique()
        return cls._of_keys(key, num_users, num_items)

    @classmethod
    def union(cls, sets: Sequence["PairSet"], *, num_users: int, num_items: int) -> "PairSet":
        """The pairs of several sets."""
        if len(sets) == 1:
            return sets[0]
        key = torch.cat([torch.empty(0, dtype=torch.long), *(pairs.key.cpu() for pairs in sets)]).unique()
        return cls._of_keys(key, num_users, num_items)

    @classmethod
    def _of_keys(cls, key: Tensor, num_users: int, num_items: int) -> "PairSet":
        return cls(key, torch.searchsorted(key, torch.arange(num_users + 1) * num_items), num_items)

    def to(self, device: torch.device) -> "PairSet":
        """The same pairs on ``device``."""
        return PairSet(self.key.to(device), self.pointer.to(device), self.num_items)

    def of_users(self, start: int, stop: int) -> "PairSet":
        """The pairs of users ``start`` to ``stop``, who are counted from 0, in memory of their own.

        >>> PairSet.of([torch.tensor([[0, 2], [1, 3]])], num_users=3, num_items=4).of_users(1, 3).pairs()
        tensor([[1],
                [3]])
        """
        first, behind = self.pointer[start], self.pointer[stop]
        key = self.key[first:behind] - start * self.num_items
        return PairSet(key, self.pointer[start : stop + 1] - first, self.num_items)

    def pairs(self) -> Int[Tensor, "2 pairs"]:
        """Users over items, sorted."""
        return torch.stack([self.key // self.num_items, self.key % self.num_items])

    def users(self) -> Int[Tensor, " users"]:
        """Users with at least one pair, ascending."""
        return self.pointer.diff().nonzero().flatten()

    def counts(self, user_idx: Int[Tensor, " batch"]) -> Int[Tensor, " batch"]:
        """Number of pairs of each user."""
        return self.pointer[user_idx + 1] - self.pointer[user_idx]

    def entries(self, user_idx: Int[Tensor, " batch"]) -> tuple[Int[Tensor, " pairs"], Int[Tensor, " pairs"]]:
        """All pairs of the users as ``(row, item)``, where row is a position in ``user_idx``."""
        row, place = ragged_rows(self.pointer[user_idx], self.counts(user_idx))
        return row, self.key[place] % self.num_items

    def contains(self, user_idx: Int[Tensor, " batch"], item_idx: Int[Tensor, "batch k"]) -> Bool[Tensor, "batch k"]:
        """Which of the k items given for each user are pairs of the set; holds a byte for each user and item."""
        # A look into a table each, where a search in the sorted pairs would take one for each of its halvings.
        table = torch.zeros(user_idx.numel(), self.num_items, dtype=torch.bool, device=item_idx.device)
        table[self.entries(user_idx)] = True
        return table.gather(1, item_idx)
