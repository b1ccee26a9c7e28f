"""Rounds over the graph of one kind of node."""

from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.nn.common.edge_store import edge_store
from mmgraph.nn.conv.divided import divided_sum
from mmgraph.nn.conv.light_gcn import LightGCNConv
from mmgraph.nn.conv.weighted_sum import WeightedSum
from mmgraph.processes.partition import is_divided


class GraphSmoothing(nn.Module):
    r"""Vectors after some rounds of messages among nodes of one type, :math:`\mathbf S^n \mathbf x`.

    Args:
        num_layers: rounds n; 0: what comes in goes out, and the graph needs no such edges.
        conv: what a round is; weighted sums (:class:`~mmgraph.nn.LightGCNConv`) by default.

    Shapes:
        x ``(N, D)`` -> ``(N, D)``

    Example:
        >>> import torch
        >>> graph = HeteroData(item={"num_nodes": 2})
        >>> graph["item", "similar", "item"].edge_index = torch.tensor([[1], [0]])
        >>> graph["item", "similar", "item"].edge_weight = torch.tensor([0.5])
        >>> GraphSmoothing(1)(torch.tensor([[1.0], [4.0]]), graph, "item", "similar")
        tensor([[2.],
                [0.]])
    """

    def __init__(self, num_layers: int, conv: WeightedSum | None = None) -> None:
        super().__init__()
        self.num_layers = num_layers
        self.conv = LightGCNConv() if conv is None else conv

    def forward(self, x: Tensor, graph: HeteroData, node_type: str, relation: str) -> Tensor:
        """Passes the rounds along the edges ``(node_type, relation, node_type)``.

        Raises:
            ValueError: if the graph has none of them.
        """
        edge_type = (node_type, relation, node_type)
        for _ in range(self.num_layers):
            edges = edge_store(graph, *edge_type)
            receives = is_divided(graph) and isinstance(self.conv, LightGCNConv) and "edge_weight" in edges
            x = divided_sum(x, graph, edge_type) if receives else self.conv(x, edges)
        return x
