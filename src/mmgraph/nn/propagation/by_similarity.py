"""NSMAR+'s propagation over the user-item edges of a ``HeteroData``."""

from collections.abc import Callable

from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.nn.common.sides import add_sides, scale_sides
from mmgraph.nn.conv.neighbor_similarity import NeighborSimilarityConv
from mmgraph.typing import INTERACTS, REV_INTERACTS, Sides


class SimilarityPropagation(nn.Module):
    r"""Users and items sum the neighbours that resemble their other neighbours, for ``num_layers`` rounds.

    NSMAR+, Eq. 3-8 (UAI 2024, https://openreview.net/forum?id=1jV9k56mme):

    .. math:: \mathbf x = \frac{1}{L+1} \sum_{l=0}^{L} \mathbf x^{(l)}

    with the layers of :class:`~mmgraph.nn.NeighborSimilarityConv`.

    Args:
        num_layers: rounds L; 0: what comes in goes out.
        norm: size of the messages, see the convolution.
        combine: "mean" of layers 0 to L, or their "sum".
        include_self: whether a neighbour's mean similarity counts its own, 1; see the convolution.

    Shapes:
        user ``(U, D)``, item ``(I, D)`` -> the same shapes

    Example:
        On any bipartite graph with ``degree`` on both node types:

        >>> import torch
        >>> graph = HeteroData(user={"degree": torch.tensor([1.0, 2.0])}, item={"degree": torch.tensor([2.0, 1.0])})
        >>> graph["user", "interacts", "item"].edge_index = torch.tensor([[0, 1, 1], [0, 0, 1]])
        >>> graph["item", "rev_interacts", "user"].edge_index = torch.tensor([[0, 0, 1], [0, 1, 1]])
        >>> user, item = SimilarityPropagation(2)(torch.ones(2, 4), torch.ones(2, 4), graph)
        >>> user.shape, item.shape
        (torch.Size([2, 4]), torch.Size([2, 4]))
    """

    def __init__(self, num_layers: int, *, norm: str = "sym", combine: str = "mean", include_self: bool = True) -> None:
        super().__init__()
        self.num_layers = num_layers
        self.combine = combine
        self.conv = NeighborSimilarityConv(norm=norm, include_self=include_self)

    def forward(
        self, user: Tensor, item: Tensor, graph: HeteroData, *, refine: Callable[[Tensor], Tensor] | None = None
    ) -> Sides:
        """Mean or sum of layers 0 to L; ``refine`` is what becomes of the messages of either side."""
        to_item = graph[INTERACTS]
        to_user = graph[REV_INTERACTS]
        of_user = graph["user"].degree
        of_item = graph["item"].degree
        layers = [Sides(user, item)]
        for _ in range(self.num_layers):
            user, item = (
                self.conv((item, user), to_user, degree=(of_item, of_user)),
                self.conv((user, item), to_item, degree=(of_user, of_item)),
            )
            if refine is not None:
                user = refine(user).to(user.dtype)
                item = refine(item).to(item.dtype)
            layers.append(Sides(user, item))
        return scale_sides(add_sides(layers), 1 / len(layers) if self.combine == "mean" else 1)
