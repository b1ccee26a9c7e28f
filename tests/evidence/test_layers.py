import pytest
import torch

from mmgraph.evidence.layers import encode_by_layer
from mmgraph.models import LayerGCN, LGMRec, LightGCN, Popularity, RedND
from mmgraph.pipeline.recommend import encode
from mmgraph.transforms import KNNGraph
from tests.conftest import bipartite_graph


def layers_of(model, graph):
    found = {}
    encoding = encode_by_layer(model, graph, lambda part, call, layer, x: found.setdefault((part, call, layer), x))
    return found, encoding


def test_lightgcn_is_the_mean_of_what_is_shown(graph):
    model = LightGCN(graph, num_layers=2)
    found, encoding = layers_of(model, graph)
    assert list(found) == [("propagation", 0, layer) for layer in range(3)]
    for side in ("user", "item"):
        mean = torch.stack([getattr(x, side) for x in found.values()]).mean(0)
        torch.testing.assert_close(getattr(encoding, side), mean)
        torch.testing.assert_close(getattr(encode(model, graph), side), mean)


def test_a_part_that_runs_for_each_modality_is_shown_each_time():
    graph = KNNGraph(k=2)(bipartite_graph())
    found, encoding = layers_of(RedND(graph, num_layers=2), graph)
    assert list(found) == [("propagation", call, layer) for call in range(2) for layer in range(3)]
    torch.testing.assert_close(encoding.views["ego.text"].user, found["propagation", 1, 0].user)


def test_each_part_is_shown_by_its_name(graph):
    found, _ = layers_of(LGMRec(graph, num_layers=1, num_modal_layers=2), graph)
    assert {part for part, _, _ in found} == {"collaborative", "modal.propagation"}
    assert max(layer for part, _, layer in found if part == "collaborative") == 1


def test_refined_layers_are_shown_refined(graph):
    model = LayerGCN(graph, num_layers=2)
    found, encoding = layers_of(model, graph)
    total = found["propagation", 0, 1].user + found["propagation", 0, 2].user
    torch.testing.assert_close(encoding.user, total)


def test_the_model_is_left_as_it_was(graph):
    model = LightGCN(graph)
    before = encode(model, graph)
    with pytest.raises(ZeroDivisionError):
        encode_by_layer(model, graph, lambda *_: 1 / 0)
    assert "layers" not in vars(model.propagation)
    assert torch.equal(encode(model, graph).user, before.user)


def test_a_model_without_messages_shows_nothing(graph):
    assert layers_of(Popularity(graph), graph)[0] == {}
