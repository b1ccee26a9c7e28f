"""The same list for everybody: what the crowd chose."""

from torch_geometric.data import HeteroData

from mmgraph.models.base import Recommender
from mmgraph.typing import Encoding


class Popularity(Recommender):
    r"""Scores an item by the number of its train interactions.

    .. math:: \hat y_{ui} = |N_i|

    Args:
        graph: the message graph.

    Example:
        >>> import torch
        >>> graph = HeteroData(user={"num_nodes": 2}, item={"num_nodes": 3, "degree": torch.tensor([4.0, 0.0, 9.0])})
        >>> model = Popularity(graph)
        >>> model.score(model(graph), torch.tensor([1]))
        tensor([[4., 0., 9.]])
    """

    cost = "closed form"
    encodes_new_nodes = True
    num_hops = 0

    def forward(self, graph: HeteroData) -> Encoding:
        """Every user likes what is chosen often: one dimension, the item's degree."""
        degree = graph["item"].degree
        return Encoding(degree.new_ones(graph["user"].num_nodes, 1), degree.unsqueeze(1))

    def fit_closed_form(self, graph: HeteroData) -> bool:
        """There is nothing to fit."""
        return True
