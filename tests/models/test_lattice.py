"""LATTICE's own; what it shares is in test_latent_graph.py, the authors' numbers in test_golden.py."""

from mmgraph.models import LATTICE
from mmgraph.transforms import KNNGraph


def test_weights_of_the_mined_edges_are_learned_at_every_step(graph):
    """On one and the same graph: its neighbours are fixed, how much they count is not."""
    graph = KNNGraph(k=3, weight="sym")(graph)
    model = LATTICE(graph, emb_dim=4, knn_k=3)
    mined = model.training_graph(graph, 0)
    for _ in range(2):
        model.zero_grad()
        model(mined).item.square().sum().backward()
        reached = [*model.project.parameters(), *model.features.parameters(), model.attention.logit]
        assert all(parameter.grad.any() for parameter in reached)
