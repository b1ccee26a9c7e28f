"""Small labelled data, and a model whose scores a test chooses."""

import torch
from torch_geometric.data import HeteroData

from mmgraph.models.base import Recommender
from mmgraph.typing import INTERACTS, Encoding


class TableModel(Recommender):
    """Scores pairs by a table, and remembers how it was called."""

    def __init__(self, graph, scores):
        super().__init__(graph)
        self.scores = scores
        self.layer = torch.nn.Dropout()
        self.calls = []

    def forward(self, graph):
        self.calls.append((graph, self.training, torch.is_grad_enabled(), torch.is_inference_mode_enabled()))
        return Encoding(torch.ones(self.num_users, 1), torch.ones(self.num_items, 1))

    def score(self, encoding, user_idx):
        return self.scores[user_idx]


class DotModel(Recommender):
    """Random vectors and their inner products."""

    def __init__(self, graph, dim, dtype=torch.float32):
        super().__init__(graph)
        self.user = torch.randn(self.num_users, dim).to(dtype)
        self.item = torch.randn(self.num_items, dim).to(dtype)

    def forward(self, graph):
        return Encoding(self.user, self.item)


def labelled(num_users, num_items, train=(), val=(), test=()):
    """Data with the given (user, item) pairs in each split."""
    data = HeteroData()
    data["user"].num_nodes, data["item"].num_nodes = num_users, num_items
    edges = [torch.tensor(list(pairs), dtype=torch.long).view(-1, 2).T for pairs in (train, val, test)]
    store = data[INTERACTS]
    store.edge_index, store.val_edge_label_index, store.test_edge_label_index = edges
    data["item"].degree = torch.bincount(edges[0][1], minlength=num_items).float()
    return data


def random_labelled(num_users, num_items, seed, shares=(0.2, 0.1, 0.1)):
    """Data in which every pair is by chance in train, val, test or none; each split has at least one pair."""
    draw = torch.rand(num_users, num_items, generator=torch.Generator().manual_seed(seed))
    draw.view(-1)[:3] = torch.tensor([0.0, shares[0], shares[0] + shares[1]]) + 1e-3
    bounds = [0.0, shares[0], shares[0] + shares[1], sum(shares)]
    parts = [((draw >= bounds[i]) & (draw < bounds[i + 1])).nonzero().tolist() for i in range(3)]
    return labelled(num_users, num_items, *parts)
