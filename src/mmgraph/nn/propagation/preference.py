"""Projected features and free users, sent along the interactions modality by modality."""

from collections.abc import Mapping
from functools import partial

from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.nn.common.reset import Resettable
from mmgraph.nn.modality.nodes import ModalityNodes
from mmgraph.nn.propagation.bipartite import BipartitePropagation
from mmgraph.typing import Sides, View


class PreferencePropagation(Resettable):
    r"""Sum of each modality's layers 0 to L, which start from :class:`~mmgraph.nn.ModalityNodes`.

    Wang et al., "DualGNN: Dual Graph Neural Network for Multimedia Recommendation", TMM 2021,
    https://doi.org/10.1109/TMM.2021.3138298; DRAGON (ECAI 2023, https://arxiv.org/abs/2301.12097) does the same.

    .. math::
        \mathbf x^{m,(0)} = \mathrm{norm}([\mathbf P^m ; \mathrm{MLP}_m(\mathbf X^m)]), \qquad
        \mathbf x^{m,(l)} = \hat{\mathbf A} \mathbf x^{m,(l-1)}, \qquad
        \hat{\mathbf x}^m = \sum_{l=0}^{L} \mathbf x^{m,(l)}

    Args:
        feat_dims: size d_m of each modality's features, by name.
        num_users: U.
        emb_dim: size D of the vectors.
        hidden_dim: hidden units of the perceptrons; none: linear maps.
        num_layers: rounds L, at least 1.

    Shapes:
        ``{name: (I, d_name)}`` -> ``{name: ((U, D), (I, D))}`` and the preferences P ``{name: {"user": (U, D)}}``

    Raises:
        ValueError: if there is no modality or no layer.

    Example:
        >>> import torch
        >>> graph = HeteroData(user={"degree": torch.tensor([1.0, 2.0])}, item={"degree": torch.tensor([2.0, 1.0])})
        >>> graph["user", "interacts", "item"].edge_index = torch.tensor([[0, 1, 1], [0, 0, 1]])
        >>> graph["item", "rev_interacts", "user"].edge_index = torch.tensor([[0, 0, 1], [0, 1, 1]])
        >>> block = PreferencePropagation({"text": 3}, num_users=2, emb_dim=4, hidden_dim=None, num_layers=2)
        >>> encoded, preference = block({"text": torch.ones(2, 3)}, graph)
        >>> [tuple(side.shape) for side in encoded["text"]], tuple(preference["text"]["user"].shape)
        ([(2, 4), (2, 4)], (2, 4))
    """

    def __init__(
        self, feat_dims: Mapping[str, int], *, num_users: int, emb_dim: int, hidden_dim: int | None, num_layers: int
    ) -> None:
        super().__init__()
        if num_layers < 1:
            raise ValueError(f"num_layers={num_layers} must be at least 1: without edges users and items never meet")
        self.nodes = ModalityNodes(feat_dims, num_users=num_users, emb_dim=emb_dim, hidden_dim=hidden_dim)
        self.propagation = BipartitePropagation(num_layers)

    def forward(self, x_dict: Mapping[str, Tensor], graph: HeteroData) -> tuple[dict[str, Sides], dict[str, View]]:
        """Users and items of every modality, and the users' free preferences."""
        nodes, preference = self.nodes(x_dict, graph)
        total = partial(self.propagation.sum, graph=graph, with_ego=True)
        return {name: total(user, item) for name, (user, item) in nodes.items()}, preference
