"""An item's final vector from its features: what the items most like it have."""

from collections.abc import Mapping, Sequence
from itertools import chain

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Float64, Int
from torch import Tensor

from mmgraph.extension.new_nodes import NewNodes
from mmgraph.transforms import nearest_rows

NUM_NEIGHBORS = 5
_JUDGED = 1024

Basis = tuple[str, ...]
"""Modalities that are compared together, each with the same say."""


class Content:
    r"""The mean of the final vectors of the 5 old items with the most similar features, weighed by the cosine.

    Items are compared by one modality or by all at once, whichever would have guessed the old items' own vectors best,
    each left out in its turn (squared error; judged on 1,024 items). A new item that lacks a modality is compared by
    the best of those it has.

    Args:
        features: of the old items by modality, ``(I, d)`` each.
        has: which old items have a modality; all of them where a name is absent.
        vectors: their final vectors ``(I, D)``.
        trained: which of them had interactions in training: no other item can be a neighbour.

    Example:
        >>> vectors = torch.eye(8)
        >>> content = Content({"text": vectors}, {}, vectors, torch.ones(8).bool())
        >>> guess, known = content.guess(NewNodes(num_items=1, features={"text": torch.eye(8)[:1]}))
        >>> bool(guess[0, 0] > 0.99), known
        (True, tensor([True]))
    """

    def __init__(
        self,
        features: Mapping[str, Float[Tensor, "items _"]],
        has: Mapping[str, Bool[Tensor, " items"]],
        vectors: Float[Tensor, "items dim"],
        trained: Bool[Tensor, " items"],
    ) -> None:
        self.features = dict(features)
        self.has = {name: has.get(name, torch.ones_like(trained)) for name in features}
        self.trained = trained
        self.vectors = vectors.double()
        names = list(features)
        alone: list[Basis] = [(name,) for name in names]
        together: list[Basis] = [tuple(names)] if len(names) > 1 else []
        errors = {basis: self._error(basis) for basis in chain(alone, together)}
        self.bases: list[Basis] = sorted(
            (basis for basis in errors if errors[basis] < torch.inf), key=errors.__getitem__
        )

    def guess(self, new: NewNodes) -> tuple[Float64[Tensor, "new dim"], Bool[Tensor, " new"]]:
        """Vectors of new items, and which of them have a feature to be compared by."""
        has = {name: new.has_feature(name) for name in self.features}
        guess = torch.zeros(new.num_items, self.vectors.size(1), dtype=torch.float64)
        known = torch.zeros(new.num_items, dtype=torch.bool)
        for basis in self.bases:
            rows = (torch.stack([has[name] for name in basis]).all(0) & ~known).nonzero().flatten()
            if rows.numel():
                guess[rows] = self._mean(basis, joined([new.features[name][rows] for name in basis]))
                known[rows] = True
        return guess, known

    def part(self, rows: Int[Tensor, " rows"]) -> NewNodes:
        """Some of the old items as if they were new."""
        features = {name: x[rows] for name, x in self.features.items()}
        return NewNodes(num_items=rows.numel(), features=features, has={name: x[rows] for name, x in self.has.items()})

    def _candidates(self, basis: Basis) -> Tensor:
        return torch.stack([self.trained, *(self.has[name] for name in basis)]).all(0).nonzero().flatten()

    def _mean(self, basis: Basis, queries: Tensor) -> Tensor:
        items = self._candidates(basis)
        near = nearest_rows(self._joined(basis, items), min(NUM_NEIGHBORS, items.numel()), queries=queries)
        return weighted_mean(self.vectors[items], *near)

    def _error(self, basis: Basis) -> float:
        """The mean squared error of old items that are left out."""
        items = self._candidates(basis)
        if items.numel() < 2:
            return torch.inf
        k = min(NUM_NEIGHBORS, items.numel() - 1)
        drawn = torch.randperm(items.numel(), generator=torch.Generator().manual_seed(0))[:_JUDGED]
        z = self._joined(basis, items)
        similarity, place = nearest_rows(z, min(k + 1, items.numel()), queries=z[drawn])
        own = place == drawn.unsqueeze(1)
        own[~own.any(1), -1] = True  # others with equal features came first: the farthest one goes
        others = ~own
        similarity = similarity[others].view(drawn.numel(), k)
        place = place[others].view(drawn.numel(), k)
        guess = weighted_mean(self.vectors[items], similarity, place)
        return float((guess - self.vectors[items[drawn]]).square().mean())

    def _joined(self, basis: Basis, items: Tensor) -> Tensor:
        return joined([self.features[name][items] for name in basis])


def joined(parts: Sequence[Float[Tensor, "rows _"]]) -> Float[Tensor, "rows _"]:
    """Features side by side at length 1, so that the inner product is the mean of the modalities' cosines.

    >>> joined([torch.tensor([[3.0, 4.0]]), torch.tensor([[2.0]])])
    tensor([[0.4243, 0.5657, 0.7071]])
    """
    units = [F.normalize(part.float(), dim=-1) for part in parts]
    return torch.cat(units, dim=-1) / len(units) ** 0.5


def weighted_mean(
    vectors: Float64[Tensor, "items dim"], similarity: Float[Tensor, "rows k"], place: Tensor
) -> Float64[Tensor, "rows dim"]:
    """The mean of the vectors at ``place`` ``(rows, k)``, weighed by similarity; opposites count for nothing.

    >>> weighted_mean(torch.eye(2).double(), torch.tensor([[0.75, 0.25]]), torch.tensor([[0, 1]])).tolist()
    [[0.75, 0.25]]
    """
    weight = similarity.double().clamp(min=1e-6).unsqueeze(-1)
    return (weight * vectors[place]).sum(1) / weight.sum(1)
