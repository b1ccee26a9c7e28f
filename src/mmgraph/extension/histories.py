"""Users of whom nothing is known but what they chose."""

from functools import cached_property

import torch
from jaxtyping import Int
from torch import Tensor

from mmgraph.extension.sums import counts, pair_sums
from mmgraph.extension.taste import Taste
from mmgraph.losses.views import all_views
from mmgraph.models import Recommender
from mmgraph.models.fism import OwnItemsLeftOut
from mmgraph.models.scoring import InnerProduct, ItemWeights, PairScores, Scorer
from mmgraph.typing import Encoding


class Histories:
    """Makes encodings of users by what they chose, without a pass over the graph; fitted when it is first asked.

    Args:
        scorer: what gives the scores.
        encoding: of the old users and items.
        edge_index: what the old users chose in training, users over items.

    Raises:
        ValueError: for scores that do not come from vectors, from item-item weights or from what somebody chose.

    Example:
        >>> edges = torch.stack([torch.arange(9), torch.arange(9) % 6])
        >>> histories = Histories(InnerProduct(), Encoding(torch.randn(9, 4), torch.randn(6, 4)), edges)
        >>> histories.encode(torch.tensor([[0, 0, 1], [3, 5, 2]]), 2).user.shape
        torch.Size([2, 4])
    """

    def __init__(self, scorer: Scorer | Recommender, encoding: Encoding, edge_index: Int[Tensor, "2 edges"]) -> None:
        if not isinstance(scorer, InnerProduct | PairScores | ItemWeights | OwnItemsLeftOut):
            raise ValueError(
                f"histories: {type(scorer).__name__} does not score by vectors or by what somebody chose, so a history "
                "says nothing to it"
            )
        self.scorer = scorer
        self.encoding = encoding
        self.edge_index = edge_index

    @torch.no_grad()
    def encode(self, history: Int[Tensor, "2 pairs"], num_users: int) -> Encoding:
        """New users alone, beside all items.

        Args:
            history: the new users, counted from 0, over rows of the items that each chose.
            num_users: how many they are.
        """
        if isinstance(self.scorer, ItemWeights):
            return self.encoding._replace(user=self._chosen(history, num_users))
        if isinstance(self.scorer, OwnItemsLeftOut):
            return self._summed(history, num_users)
        total = _sums(self.encoding.item, history, num_users)
        user = self._taste.guess(total, counts(history[0], num_users))
        return self.encoding._replace(user=user.to(self.encoding.item))

    @cached_property
    def _taste(self) -> Taste:
        return Taste.fit(self.encoding.user.cpu(), self.encoding.item.cpu(), self.edge_index.cpu())

    def _summed(self, history: Tensor, num_users: int) -> Encoding:
        """FISM's users are sums of what they chose."""
        source = all_views(self.encoding)["factor.source"]["item"]
        total = _sums(source, history, num_users).to(source)
        degree = counts(history[0], num_users).to(source).unsqueeze(1)
        own = {"degree": {"user": degree}, "history": {"entries": self._chosen(history, num_users)}}
        return Encoding(total, self.encoding.item, {**self.encoding.views, **own})

    def _chosen(self, history: Tensor, num_users: int) -> Tensor:
        size = (num_users, self.encoding.item.size(0))
        chosen = torch.sparse_coo_tensor(history, torch.ones(history.size(1)), size, check_invariants=True)
        return chosen.coalesce().to(self.encoding.item.device)


def _sums(x: Tensor, history: Tensor, num_users: int) -> Tensor:
    """Sums of what each user chose; only what somebody chose is looked at, be there a million others."""
    chosen, place = history[1].unique(return_inverse=True)
    return pair_sums(x[chosen].cpu(), place, history[0], num_users)
