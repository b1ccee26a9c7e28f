import pytest
import torch

from mmgraph.loader import SampledGraphLoader
from mmgraph.models import MFBPR
from tests.conftest import bipartite_graph


class Reach(MFBPR):
    """A model that only says how far it reaches."""

    def __init__(self, graph, num_hops, num_graph_hops=0):
        super().__init__(graph)
        self.num_hops, self.num_graph_hops = num_hops, num_graph_hops


@pytest.fixture
def large():
    """60 users, 40 items, about 8 interactions a user."""
    return bipartite_graph(60, 40, density=0.2)


def loader_of(graph, num_hops=2, num_graph_hops=0, **settings):
    return SampledGraphLoader(graph, model=Reach(graph, num_hops, num_graph_hops), **settings)


def steps_of(loader, graph, seed=0):
    torch.manual_seed(seed)
    return list(loader.epoch(graph, 0))


def original(subgraph, edge_type):
    """The edges of a subgraph in the numbers of the graph that it was sampled from."""
    source, target = subgraph[edge_type].edge_index
    return torch.stack([subgraph[edge_type[0]].n_id[source], subgraph[edge_type[2]].n_id[target]])
