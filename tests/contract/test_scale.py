"""Every model that may be trained on samples follows their scale: sums grow by it, means do not."""

import copy

import pytest
import torch

from mmgraph.losses.views import all_views
from mmgraph.nn import SAMPLE_SCALE
from tests.contract.conftest import TRAINED, small_parts

NEED_FULL_GRAPH = {"diffmm", "hccf", "lgmrec", "llmrec", "mgnm", "mmssl", "sht"}
NO_SUMS = {"mf_bpr": "no edges", "vbpr": "no edges", "grcn": "shares of the neighbours, which sum to 1"}
VARIANTS = {
    "rednd": [[], ["model.variant=paper"]],
    "nsmar": [[], ["model.norm=printed"]],
    "sgl": [[], ["model.augmentation=walk"], ["model.augmentation=node"]],
}
MEANS = {("nsmar", ()), ("nsmar_plus", ())}
CASES = [(name, words) for name in sorted(set(TRAINED) - NEED_FULL_GRAPH) for words in VARIANTS.get(name, [[]])]


def scaled(graph):
    """Edges that stand for two each."""
    graph = copy.copy(graph)
    for edge_type in graph.edge_types:
        graph[edge_type][SAMPLE_SCALE] = torch.full((graph[edge_type[2]].num_nodes,), 2.0)
    return graph


def doubled(graph):
    """Every edge twice."""
    graph = copy.copy(graph)
    for store in graph.edge_stores:
        for key, value in store.items():
            store[key] = torch.cat([value, value], dim=-1)
    return graph


def vectors(model, graph):
    """Everything that a model makes of a graph, by name."""
    torch.manual_seed(0)
    with torch.no_grad():
        encoding = model(graph)
    named = {f"{name}.{side}": x for name, view in all_views(encoding).items() for side, x in view.items()}
    return {name: x.to_dense() if x.layout == torch.sparse_coo else x for name, x in named.items()}


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(("name", "words"), CASES)
def test_a_scale_of_two_is_every_edge_twice(name, words, training):
    parts = small_parts(name, *words)
    model = parts.model.train(training)
    graph = model.training_graph(parts.graph, 0) if training else model.inference_graph(parts.graph)
    plain, got = vectors(model, graph), vectors(model, scaled(graph))
    torch.testing.assert_close(got, vectors(model, doubled(graph)), atol=1e-5, rtol=1e-5)
    follows = any(not torch.allclose(got[key], plain[key], atol=1e-3) for key in ("final.user", "final.item"))
    assert follows == (name not in NO_SUMS and (name, tuple(words)) not in MEANS)
