"""A graph, a model on it, and what is new to both."""

import pytest
import torch

from mmgraph.extension import NewNodes
from tests.conftest import bipartite_graph


@pytest.fixture
def graph():
    """60 users, 30 items, of which the last has no interaction."""
    return bipartite_graph(60, 30)


@pytest.fixture
def new():
    """Two users and three items.

    The first user chose three old items and a new one, the second nothing. The first new item was chosen by three old
    users and the new one, the second by the new user alone, the third by nobody; all have features.
    """
    edges = torch.tensor([[60, 60, 60, 60, 60, 3, 4, 5], [1, 2, 7, 30, 31, 30, 30, 30]])
    features = {"image": torch.randn(3, 4), "text": torch.randn(3, 5)}
    return NewNodes(num_users=2, num_items=3, edge_index=edges, features=features)
