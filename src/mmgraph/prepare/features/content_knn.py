"""Users by what they have: recommendation from features alone, to judge these by."""

import numpy as np
import torch
import torch.nn.functional as F
from torch_geometric.data import HeteroData

from mmgraph.models.base import Recommender
from mmgraph.nn import interaction_csr
from mmgraph.typing import INTERACTS, Encoding


class ContentKNN(Recommender):
    r"""Scores an item by its likeness to a user's items: there is nothing to train.

    .. math:: \hat y_{ui} = \Big(\frac{1}{|N_u|} \sum_{j \in N_u} \frac{x_j}{\|x_j\|}\Big)^\top \frac{x_i}{\|x_i\|}

    Args:
        graph: the message graph.
        modality: whose features, ``x_<modality>``; rows of zeros are like no other.

    Example:
        >>> graph = HeteroData(user={"num_nodes": 1}, item={"num_nodes": 3})
        >>> graph["item"].x_text = torch.tensor([[2.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        >>> graph["user", "interacts", "item"].edge_index = torch.tensor([[0], [0]])
        >>> model = ContentKNN(graph, modality="text")
        >>> model.score(model(graph), torch.tensor([0]))
        tensor([[1., 1., 0.]])
    """

    needs_modalities = True
    cost = "closed form"

    def __init__(self, graph: HeteroData, *, modality: str) -> None:
        super().__init__(graph)
        self.modality = modality

    def forward(self, graph: HeteroData) -> Encoding:
        """Users as the mean of their items' vectors of norm 1."""
        item = F.normalize(graph["item"][f"x_{self.modality}"], dim=-1)
        interactions = interaction_csr(graph[INTERACTS].edge_index, self.num_users, self.num_items)
        degree = np.maximum(np.diff(interactions.indptr), 1)
        mean = (interactions @ item.numpy()) / degree[:, None]
        return Encoding(torch.from_numpy(mean.astype(np.float32)), item)
