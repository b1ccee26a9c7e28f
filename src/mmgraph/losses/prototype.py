"""Contrast between nodes and the centres of their clusters."""

from torch import Tensor
from torch.nn import functional as F

from mmgraph.losses.base import LossTerm, PairScorer
from mmgraph.losses.functional import REDUCTIONS, check_choice, full_precision
from mmgraph.losses.streaming import streaming_info_nce
from mmgraph.losses.views import BySide, Side, find_views, side_of, take
from mmgraph.typing import Encoding, Triplets


class PrototypeNCE(LossTerm):
    r"""Every node of the batch should find the centroid of its own cluster among all centroids, by cosine.

    Lin et al., "Improving Graph Collaborative Filtering with Neighborhood-enriched Contrastive Learning" (NCL), WWW
    2022, https://arxiv.org/abs/2202.06200.

    .. math:: \mathcal L = \sum_v -\log
        \frac{\exp(\cos(\mathbf x_v, \mathbf c_{a(v)}) / \tau)}{\sum_k \exp(\cos(\mathbf x_v, \mathbf c_k) / \tau)}

    over the batch's users with the users' centroids and its positive items with the items'; one that is several times
    in the batch counts as often.

    Args:
        of: view of the vectors :math:`\mathbf x`.
        cluster: view of the clusters' numbers :math:`a`, one for each node; empty before there are any: the loss is 0.
        centroid: view of the centroids :math:`\mathbf c`, one for each cluster.
        tau: temperature, above 0.
        weight: factor of the term; 0 or None: not computed.
        reduction: "mean" or "sum" over the batch; users and items are added up.

    Raises:
        ValueError: if a setting is out of range or not known.
        KeyError: at the first step, if the model does not give a view, or one lacks a side.

    Example:
        >>> PrototypeNCE("ego", tau=0.1, weight=8e-8, reduction="sum").tau
        0.1
    """

    def __init__(
        self,
        of: str,
        *,
        tau: float,
        weight: float | None = 1.0,
        cluster: str = "cluster",
        centroid: str = "centroid",
        reduction: str = "sum",
    ) -> None:
        super().__init__(weight=weight)
        if not tau > 0:
            raise ValueError(f"tau={tau} must be above 0")
        check_choice(reduction, name="reduction", allowed=REDUCTIONS)
        self.names = (of, cluster, centroid)
        self.tau = tau
        self.reduction = reduction

    def forward(self, model: PairScorer, encoding: Encoding, batch: Triplets) -> Tensor:
        """Loss of the batch's users and positive items."""
        views = {name: find_views(encoding, name)[name] for name in self.names}
        if not all(views.values()):
            return encoding.user.new_zeros(())
        return self._side(views, "user", batch.user) + self._side(views, "item", batch.pos_item)

    def _side(self, views: dict[str, BySide], side: Side, rows: Tensor) -> Tensor:
        x, cluster, centroid = (side_of(view, name=name, side=side) for name, view in views.items())
        centroids = F.normalize(full_precision(centroid), dim=-1)
        anchors = F.normalize(full_precision(take(x, rows)), dim=-1)
        own = take(centroids, take(cluster, rows))
        value = streaming_info_nce(anchors, own, centroids, tau=self.tau, max_logit=1 / self.tau)
        return value / rows.numel() if self.reduction == "mean" else value
