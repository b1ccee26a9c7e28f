import pytest
import torch
from torch.nn.functional import normalize
from torch.testing import assert_close

from mmgraph.models import ContentKNN
from mmgraph.models import content_knn as module
from tests.conftest import adjacency, bipartite_graph


def plain_similarity(graph, weight, k):
    """From the equation, item by item."""
    total = torch.zeros(graph["item"].num_nodes, graph["item"].num_nodes)
    for name, value in weight.items():
        x = graph["item"][f"x_{name}"]
        z = normalize(x - x.mean(0), dim=-1)
        total += value * z @ z.T
    total.fill_diagonal_(-torch.inf)
    kept = torch.zeros_like(total)
    for item in range(total.size(0)):
        near = total[:, item].argsort(descending=True)[:k]
        kept[near, item] = total[near, item]
    return kept.fill_diagonal_(0)


@pytest.mark.parametrize("k", [1, 4, 1000])
@pytest.mark.parametrize("weight", [{"image": 1.0, "text": 1.0}, {"image": 0.5, "text": 2.0}, {"text": 1.0}])
def test_equals_the_equation(k, weight):
    graph = bipartite_graph(num_users=20, num_items=11)
    expected = plain_similarity(graph, weight, min(k, 10))
    model = ContentKNN(graph, knn_k=k, weight=weight)
    encoding = model(graph)
    assert_close(encoding.item.to_dense(), expected, atol=1e-6, rtol=1e-5)
    users = torch.arange(20)
    assert_close(model.score(encoding, users), adjacency(graph) @ expected, atol=1e-5, rtol=1e-5)


def test_neighbours_are_found_once_and_anew_for_other_features(graph, monkeypatch):
    model = ContentKNN(graph, knn_k=3)
    assert model.fit_closed_form(graph)
    with monkeypatch.context() as patch:
        patch.setattr(module, "content_similarity", None)
        assert model(graph) is model(graph)
    before = model(graph)
    graph["item"].x_text = graph["item"].x_text.flip(0)
    assert not torch.equal(model(graph).item.to_dense(), before.item.to_dense())


def test_what_others_chose_counts_for_nothing(graph):
    before = ContentKNN(graph)(graph).item
    edges = graph["user", "interacts", "item"].edge_index
    graph["user", "interacts", "item"].edge_index = edges[:, ::2]
    assert_close(ContentKNN(graph)(graph).item, before)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"knn_k": 0}, "knn_k=0 must be at least 1"),
        ({"weight": 0}, "weight=0 must be above 0 for at least one modality"),
        ({"weight": {"audio": 1}}, "weight names 'audio'"),
    ],
)
def test_wrong_arguments_are_refused(graph, settings, message):
    with pytest.raises(ValueError, match=message):
        ContentKNN(graph, **settings)
