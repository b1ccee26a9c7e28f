"""Triplets for ranking losses: a positive of each user and items that the user did not choose."""

import copy

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from mmgraph.nn import find_sorted

_MARKS_PER_PAIR = 4  # at most one pair in 4 that is no train pair is looked up for nothing


class NegativeSampler:
    """Draws negatives uniformly among the items seen in training, rejecting those the user interacted with in training.

    The whole batch is drawn at once and only the clashes again. A pair is looked up in the sorted list of train pairs,
    but most are cleared before by a table of marks, one byte for each value of a pair's low bits (a Bloom filter of one
    function, https://doi.org/10.1145/362686.362692), which no train pair lacks and few others have.

    Args:
        edge_index: train interactions ``(2, E)``, users over items.
        num_users: U.
        num_items: I.

    Raises:
        ValueError: if there are no interactions, or a user interacted with every item that could be drawn.

    Example:
        >>> sampler = NegativeSampler(torch.tensor([[0, 0, 1], [0, 1, 2]]), num_users=2, num_items=4)
        >>> sampler(torch.tensor([0, 0, 0]), 1)         # item 3 was never seen: only item 2 is left
        tensor([2, 2, 2])
    """

    def __init__(self, edge_index: Int[Tensor, "2 edges"], *, num_users: int, num_items: int) -> None:
        user, item = edge_index
        if user.numel() == 0:
            raise ValueError("edge_index is empty: there are no train interactions to draw triplets from")
        self.num_items = num_items
        self.seen_items = item.unique()
        self._mark((user * num_items + item).unique())
        degree = torch.bincount(self.positives // num_items, minlength=num_users)
        full = (degree >= self.seen_items.numel()).nonzero().flatten()
        if full.numel():
            raise ValueError(
                f"user {int(full[0])} interacted with all {self.seen_items.numel()} items seen in training "
                f"({full.numel()} such users): no negative can be drawn; leave them out of the data"
            )

    def _mark(self, positives: Tensor) -> None:
        self.positives = positives
        num_marks = 1 << (_MARKS_PER_PAIR * positives.numel()).bit_length()
        self.marks = torch.zeros(num_marks, dtype=torch.bool, device=positives.device)
        self.marks[positives & (num_marks - 1)] = True

    def of_users(self, start: int, stop: int) -> "NegativeSampler":
        """One that knows the train pairs of users ``start`` to ``stop`` only, in memory of its own."""
        part = copy.copy(self)
        bounds = torch.tensor([start, stop], device=self.positives.device) * self.num_items
        part._mark(self.positives[slice(*torch.searchsorted(self.positives, bounds).tolist())].clone())
        return part

    def is_positive(self, user: Int[Tensor, "*n"], item: Int[Tensor, "*n"]) -> Bool[Tensor, "*n"]:
        """Whether each pair is a train interaction."""
        pair = user * self.num_items + item
        found = self.marks[pair & (self.marks.numel() - 1)]
        where = found.nonzero(as_tuple=True)
        if not self.positives.numel():
            return found
        _, found[where] = find_sorted(self.positives, pair[where])
        return found

    def __call__(self, user: Int[Tensor, " batch"], num_negatives: int) -> Int[Tensor, " batch *n"]:
        """One negative per user ``(B,)``, or ``(B, n)`` for n > 1, from torch's global generator."""
        users = user if num_negatives == 1 else user.unsqueeze(1).expand(-1, num_negatives).reshape(-1)
        negative = self._draw(users.numel(), users.device)
        clash = self.is_positive(users, negative).nonzero().flatten()
        while clash.numel():
            again = self._draw(clash.numel(), users.device)
            negative[clash] = again
            clash = clash[self.is_positive(users[clash], again)]
        return negative if num_negatives == 1 else negative.view(-1, num_negatives)

    def _draw(self, count: int, device: torch.device) -> Int[Tensor, " count"]:
        return self.seen_items[torch.randint(self.seen_items.numel(), (count,), device=device)]
