"""FISM: factored item similarity (Kabbur et al., KDD 2013, https://doi.org/10.1145/2487575.2487589)."""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.losses.views import all_views
from mmgraph.models.base import Recommender
from mmgraph.models.scoring import Scorer
from mmgraph.nn import LightGCNConv, entry_values, interaction_coo, redraw_, row_entries, xavier_normal
from mmgraph.typing import REV_INTERACTS, Encoding


class FISM(Recommender):
    r"""A user is the sum of the items chosen, the one to be scored left out; each item has a vector for either role.

    .. math:: \hat y_{ui} = b_i + |N_u \setminus \{i\}|^{-\alpha}
              \Big(\sum_{j \in N_u \setminus \{i\}} \mathbf p_j\Big)^{\!\top} \mathbf q_i

    An item never counts for itself, in training or anywhere else: its own vectors would outweigh all others.

    Args:
        graph: the message graph.
        emb_dim: size D of the vectors.
        alpha: how much of the sum's length is taken back: 0 leaves the sum, 1 makes it a mean.

    Views:
        ``factor.source``, ``factor.target``: the items' vectors p and q; ``factor.bias``: b ``(I, 1)``; ``degree``: the
        users' ``(U, 1)``; ``history``: its ``entries`` are the interactions as a sparse ``(U, I)``.

    Raises:
        ValueError: if ``alpha`` is not between 0 and 1.
    """

    cost = "light"
    encodes_new_nodes = True
    num_hops = 1

    def __init__(self, graph: HeteroData, *, emb_dim: int = 64, alpha: float = 0.5) -> None:
        super().__init__(graph)
        if not 0 <= alpha <= 1:
            raise ValueError(f"alpha={alpha} must be between 0 (sum of a user's items) and 1 (mean)")
        self.source_table = xavier_normal(self.num_items, emb_dim)
        self.target_table = xavier_normal(self.num_items, emb_dim)
        self.bias = nn.Parameter(torch.zeros(self.num_items, 1))
        self.conv = LightGCNConv(norm="sum")
        self.alpha = alpha

    def draw_parameters(self) -> None:
        """Draws both roles of the items, without biases."""
        redraw_(self.source_table, xavier_normal)
        redraw_(self.target_table, xavier_normal)
        nn.init.zeros_(self.bias)

    def forward(self, graph: HeteroData) -> Encoding:
        """Sums the items of each user: all of them, since what is left out depends on the item to be scored."""
        tables = {"source": self.source_table, "target": self.target_table, "bias": self.bias}
        factor = {f"factor.{name}": self.rows(table, graph["item"]) for name, table in tables.items()}
        degree = graph["user"].degree
        chosen = factor["factor.source"], None
        total = self.conv(chosen, graph[REV_INTERACTS], degree=(graph["item"].degree, degree))
        views = {name: {"item": x} for name, x in factor.items()}
        views |= {"degree": {"user": degree.unsqueeze(1)}, "history": {"entries": interaction_coo(graph)}}
        return Encoding(total, factor["factor.target"], views)

    def scorer(self) -> Scorer:
        """By the sums, and for the users' own items without themselves."""
        return OwnItemsLeftOut(self.alpha)

    def score_pairs(
        self, encoding: Encoding, user_idx: Int[Tensor, " batch"], item_idx: Int[Tensor, " batch *n"]
    ) -> Float[Tensor, " batch *n"]:
        """The same for given pairs."""
        views = all_views(encoding)
        user = user_idx.view(-1, *[1] * (item_idx.dim() - 1))
        own = entry_values(views["history"]["entries"], user, item_idx).unsqueeze(-1)
        others = F.embedding(user, encoding.user) - own * F.embedding(item_idx, views["factor.source"]["item"])
        scale = _scale(F.embedding(user, views["degree"]["user"]) - (own > 0).float(), self.alpha)
        match = (scale * others * F.embedding(item_idx, encoding.item)).sum(-1)
        return match + F.embedding(item_idx, views["factor.bias"]["item"]).squeeze(-1)


class OwnItemsLeftOut(Scorer):
    """Scores by the sums of users' items, of which no item counts for itself.

    Args:
        alpha: as of :class:`FISM`.
    """

    kind = "own_items_left_out"
    views = ("factor.source", "factor.bias", "degree", "history")

    def __init__(self, alpha: float) -> None:
        self.alpha = alpha

    def score(self, encoding: Encoding, user_idx: Int[Tensor, " batch"]) -> Float[Tensor, "batch items"]:
        """Scores by the sums, and those of the users' own items without themselves."""
        views = all_views(encoding)
        source = views["factor.source"]["item"]
        bias = views["factor.bias"]["item"].squeeze(1)
        count = F.embedding(user_idx, views["degree"]["user"])
        match = F.embedding(user_idx, encoding.user) @ encoding.item.T
        position, item, own = row_entries(views["history"]["entries"], user_idx)
        others = match[position, item] - own * (source * encoding.item).sum(-1)[item]
        left_out = _scale(count[position, 0] - 1, self.alpha) * others + bias[item]
        return (_scale(count, self.alpha) * match + bias).index_put((position, item), left_out)

    def state(self) -> dict[str, Tensor]:
        """``alpha``."""
        return {"alpha": torch.tensor(self.alpha, dtype=torch.float64)}

    @classmethod
    def of(cls, state: Mapping[str, Tensor]) -> "OwnItemsLeftOut":
        """The one with this ``alpha``."""
        return cls(float(state["alpha"]))


def _scale(count: Float[Tensor, "..."], alpha: float) -> Float[Tensor, "..."]:
    return count.clamp(min=1) ** -alpha
