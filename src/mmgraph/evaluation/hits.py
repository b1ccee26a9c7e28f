"""Which of each user's first items were held-out ones: all that a metric of single users reads."""

from collections.abc import Iterable
from typing import NamedTuple

import torch
from torch import Tensor

from mmgraph.evaluation.metrics import METRICS


class Hits(NamedTuple):
    """The outcome of ranking one split, user by user.

    Attributes:
        user: the users ranked, ascending ``(users,)``.
        hit: whether the item at each rank is a held-out one, best item first ``(users, k)``.
        relevant: number of held-out items of each user ``(users,)``.
    """

    user: Tensor
    hit: Tensor
    relevant: Tensor

    def value(self, name: str) -> Tensor:
        """A metric of each user, ``(users,)`` float64, as a fraction.

        Args:
            name: a metric of :data:`METRICS` and a length of list, ``"recall@20"``.

        Raises:
            ValueError: if there is no such metric of single users, or the lists that were ranked are shorter.

        Example:
            >>> hits = Hits(torch.tensor([3, 8]), torch.tensor([[True, False], [False, False]]), torch.tensor([1, 2]))
            >>> hits.value("recall@2").tolist(), hits.value("precision@2").tolist()
            ([1.0, 0.0], [0.5, 0.0])
        """
        return self.values([name])[name]

    def values(self, names: Iterable[str]) -> dict[str, Tensor]:
        """Several metrics by name; see :meth:`value`."""
        some = self.hit.any(-1).nonzero().flatten()  # without a hit every metric is 0
        hit = self.hit[some]
        relevant = self.relevant[some]
        nothing = torch.zeros(self.hit.size(0), dtype=torch.float64)
        parsed = {name: self._parsed(name) for name in names}
        return {
            name: nothing.index_copy(0, some, METRICS[metric](hit[:, :k], relevant))
            for name, (metric, k) in parsed.items()
        }

    def _parsed(self, name: str) -> tuple[str, int]:
        metric, _, k = name.partition("@")
        width = self.hit.size(1)
        if metric not in METRICS:
            raise ValueError(f"metric {name!r} has no value of single users; those that have: {', '.join(METRICS)}")
        if not (k.isascii() and k.isdigit() and 1 <= int(k) <= width):
            raise ValueError(
                f"metric {name!r}: must be {metric}@k with k from 1 to {width}, the length of the ranked lists"
            )
        return metric, int(k)
