"""Final vectors of new users and items, from those of old ones: closed forms, no gradient, no pass over the graph."""

import torch
from jaxtyping import Bool, Float64
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.extension.audience import Audience, weigh_users
from mmgraph.extension.content import Content
from mmgraph.extension.new_nodes import NewNodes
from mmgraph.extension.sums import counts, pair_sums
from mmgraph.extension.taste import Taste
from mmgraph.models import item_features
from mmgraph.nn import check_in_memory
from mmgraph.typing import INTERACTS, Encoding, Sides

PRIOR = 5.0
"""What an item's features count, in users who chose it."""


class FoldIn:
    r"""What old users' and items' final vectors reveal of new ones; once fitted, a user costs a sum over a history.

    A new user is what :class:`Taste` makes of the items chosen. A new item is what :class:`Audience` makes of the n old
    users who chose it and :class:`Content` of its features, together

    .. math:: \hat{\mathbf e}_i = \frac{n\,\hat{\mathbf e}_i^{users} + 5\,\hat{\mathbf e}_i^{content}}{n + 5}

    or the one that there is.

    Args:
        graph: what the model encoded: interactions and the items' features.
        encoding: what it made of that.

    Raises:
        ValueError: if the encoding holds no vectors, or nobody has chosen anything.

    Example:
        >>> from mmgraph.datasets import Synthetic
        >>> from mmgraph.models import MFBPR
        >>> graph = Synthetic(num_users=60, num_items=40)[0]
        >>> with torch.no_grad():
        ...     encoding = MFBPR(graph, emb_dim=8)(graph)
        >>> new = NewNodes(num_users=1, edge_index=torch.tensor([[60, 60, 60], [3, 14, 15]]))
        >>> FoldIn(graph, encoding).new(new).user.shape
        torch.Size([1, 8])
    """

    def __init__(self, graph: HeteroData, encoding: Encoding) -> None:
        check_in_memory(graph, "a vector of a new user or item")
        edge_index = graph[INTERACTS].edge_index.cpu()
        vectors = [side.detach().cpu() for side in (encoding.user, encoding.item)]
        if any(side.layout is not torch.strided or not side.is_floating_point() for side in vectors):
            raise ValueError("new users and items are folded into vectors, and this model has none")
        if not edge_index.size(1):
            raise ValueError("nobody has chosen anything in this graph: there is nothing to learn from")
        self.user, self.item = (side.double() for side in vectors)
        self.taste = Taste.fit(self.user, self.item, edge_index)
        self.audience = Audience.fit(self.user, self.item, edge_index)
        self.weighed_user = weigh_users(self.user, edge_index)
        self.trained = {
            side: counts(row, x.size(0)) > 0 for side, row, x in zip(("user", "item"), edge_index, vectors, strict=True)
        }
        features = {name: x.cpu() for name, x in item_features(graph).items()}
        store = dict(graph["item"])
        has = {name: store[f"has_{name}"].cpu() for name in features if f"has_{name}" in store}
        self.content = Content(features, has, self.item, self.trained["item"])

    def new(self, new: NewNodes) -> Sides:
        """Vectors of new users and items.

        Raises:
            ValueError: for an item with neither an old user nor a feature that is of use.
        """
        vectors, known = self.inferred(new)
        self._check_known(known, new)
        return vectors

    def inferred(self, new: NewNodes) -> tuple[Sides, Bool[Tensor, " new_items"]]:
        """Vectors of new users and items, and of which items anything is known; the others' are zeros."""
        items, known = self._items(new)
        history = new.history(num_users=self.user.size(0))
        total = pair_sums(torch.cat([self.item, items]), history[1], history[0], new.num_users)
        return Sides(self.taste.guess(total, counts(history[0], new.num_users)), items), known

    def infer_unseen(self) -> Sides:
        """Vectors of the old users and items, those without an interaction in training inferred from the others.

        An item without a feature that is of use keeps what it has.
        """
        user = self.user.clone()
        nobody = torch.zeros(1, dtype=torch.float64)
        user[~self.trained["user"]] = self.taste.guess(torch.zeros_like(self.user[:1]), nobody)
        rows = (~self.trained["item"]).nonzero().flatten()
        guess, known = self.content.guess(self.content.part(rows))
        item = self.item.clone()
        item[rows[known]] = guess[known]
        return Sides(user, item)

    def _items(self, new: NewNodes) -> tuple[Float64[Tensor, "new_items dim"], Bool[Tensor, " new_items"]]:
        audience = new.audience(num_users=self.user.size(0), num_items=self.item.size(0))
        count = counts(audience[1], new.num_items)
        total = pair_sums(self.weighed_user, audience[0], audience[1], new.num_items)
        content, described = self.content.guess(new)
        chosen = self.audience.guess(total, count.clamp(min=1))
        prior = described.double() * PRIOR
        weight = (count / (count + prior).clamp(min=1)).unsqueeze(1)
        known = (count > 0) | described
        return (weight * chosen + (1 - weight) * content) * known.unsqueeze(1), known

    def _check_known(self, known: Tensor, new: NewNodes) -> None:
        if known.all():
            return
        name = new.item_name(int((~known).nonzero()[0]), num_items=self.item.size(0))
        kinds = sorted({name for basis in self.content.bases for name in basis})
        features = f"features (of {kinds})" if kinds else "features, which the model's own items have not either"
        raise ValueError(f"item {name} has no user who was there in training and no {features}: nothing is known of it")
