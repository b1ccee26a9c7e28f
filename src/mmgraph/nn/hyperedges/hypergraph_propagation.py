"""Users and items exchange messages over hyperedges that items choose by their features."""

from jaxtyping import Float
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.nn.conv.hypergraph import HypergraphConv
from mmgraph.nn.conv.light_gcn import LightGCNConv
from mmgraph.nn.hyperedges.assignment import SoftAssignment
from mmgraph.typing import REV_INTERACTS, Sides


class HypergraphPropagation(nn.Module):
    r"""One modality's global embeddings (LGMRec, AAAI 2024, https://arxiv.org/abs/2312.16400, Eq. 7-10).

    .. math::
        \mathbf H_u &= \mathbf R \mathbf H_i, \qquad
        \tilde{\mathbf H} = \mathrm{Drop}(\mathrm{GumbelSoftmax}(\mathbf H)) \\
        \mathbf E_i^{(h+1)} &= \tilde{\mathbf H}_i \tilde{\mathbf H}_i^\top \mathbf E_i^{(h)}, \qquad
        \mathbf E_u^{(h+1)} = \tilde{\mathbf H}_u \tilde{\mathbf H}_i^\top \mathbf E_i^{(h)}

    The users' logits sum those of their items before any softmax. A membership that is dropped is dropped both ways.

    Args:
        num_layers: rounds, at least 1.
        tau: temperature of the memberships.
        dropout: probability to drop a membership while training.
        noise: "gumbel", "logistic" or "none", see :func:`~mmgraph.nn.soft_assignment`.
        eval_noise: draws noise while ranking too.
        user_norm: users "sum" the logits of their items (R as it is) or take their "mean".

    Shapes:
        item_logits ``(I, A)``, item ``(I, D)``, user ``(U, D)`` or None -> ``(U, D)``, ``(I, D)``

    Raises:
        ValueError: if a setting is out of range or not known.

    Example:
        >>> import torch
        >>> graph = HeteroData(user={"degree": torch.tensor([1.0, 2.0])}, item={"degree": torch.tensor([2.0, 1.0])})
        >>> graph["item", "rev_interacts", "user"].edge_index = torch.tensor([[0, 0, 1], [0, 1, 1]])
        >>> block = HypergraphPropagation(1).eval()
        >>> user, item = block(torch.randn(2, 3), torch.ones(2, 4), graph)
        >>> user.shape, item.shape
        (torch.Size([2, 4]), torch.Size([2, 4]))
    """

    def __init__(
        self,
        num_layers: int,
        *,
        tau: float = 0.2,
        dropout: float = 0.5,
        noise: str = "gumbel",
        eval_noise: bool = False,
        user_norm: str = "sum",
    ) -> None:
        super().__init__()
        if num_layers < 1:
            raise ValueError(
                f"num_layers={num_layers} of the hypergraph must be at least 1; leave the module out instead"
            )
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout={dropout} of memberships must be at least 0 and below 1 (1 - the keep rate)")
        self.num_layers = num_layers
        self.assign = SoftAssignment(tau=tau, noise=noise, eval_noise=eval_noise)
        self.dropout = nn.Dropout(dropout)
        self.user_conv = LightGCNConv(norm=user_norm)
        self.conv = HypergraphConv()

    def forward(
        self,
        item_logits: Float[Tensor, "items hyperedges"],
        item: Float[Tensor, "items dim"],
        graph: HeteroData,
        *,
        user: Float[Tensor, "users dim"] | None = None,
    ) -> Sides:
        r"""Users and items after all rounds.

        Where ``user`` is given, users aggregate each other instead of the items, as MGNM prints (Eq. 14):
        :math:`\mathbf E_u^{(h+1)} = \tilde{\mathbf H}_u \tilde{\mathbf H}_u^\top \mathbf E_u^{(h)}`.
        """
        degree = graph["item"].degree, graph["user"].degree
        user_logits = self.user_conv((item_logits, None), graph[REV_INTERACTS], degree=degree)
        of_item = self.dropout(self.assign(item_logits))
        of_user = self.dropout(self.assign(user_logits))
        for _ in range(self.num_layers):
            hyperedge = self.conv.to_hyperedges(item, of_item)
            item = self.conv.to_nodes(hyperedge, of_item)
            user = self.conv(user, of_user) if user is not None else None
        return Sides(self.conv.to_nodes(hyperedge, of_user) if user is None else user, item)
