"""Features of a trained model permuted, and modalities taken out of it."""

import pytest
import torch

from mmgraph.config.instantiate import instantiate
from mmgraph.evaluation.evaluator import evaluation_mode
from mmgraph.evidence.altered import permuted, without
from mmgraph.models import item_features
from mmgraph.pipeline.catalog import list_models
from tests.contract.conftest import small_config, small_parts

MULTIMODAL = [info.name for info in list_models() if info.needs_modalities]
THREE = "{image: 16, audio: 8, text: 8}"
ENTANGLED = {"diffmm", "lattice", "mgcn", "micro", "mmssl"}
SIMILAR = ("item", "similar", "item")


@pytest.fixture(scope="module")
def parts_of():
    built = {}

    def get(model):
        if model not in built:
            built[model] = small_parts(model, modalities=THREE)
        return built[model]

    return get


@torch.no_grad()
def encoded(model, graph):
    with evaluation_mode(model):
        return model(model.inference_graph(graph))


def order_of(parts, seed=0):
    return torch.randperm(parts.model.num_items, generator=torch.Generator().manual_seed(seed))


def is_equal(one, other):
    """Of tensors that may be sparse."""
    return torch.equal(one.to_dense(), other.to_dense())


@pytest.mark.parametrize("model", MULTIMODAL)
def test_the_order_that_is_there_changes_nothing_and_nothing_is_left_behind(model, parts_of):
    parts = parts_of(model)
    before = {name: x.clone() for name, x in parts.model.state_dict().items()}
    expected = encoded(parts.model, parts.graph)
    names = list(item_features(parts.graph))
    with permuted(parts, names, torch.arange(parts.model.num_items), graphs="recompute") as graph:
        same = encoded(parts.model, graph)
    with permuted(parts, names, order_of(parts), graphs="recompute") as graph:
        other = encoded(parts.model, graph)
    assert is_equal(same.item, expected.item)
    assert is_equal(same.user, expected.user)
    assert is_equal(other.item, expected.item) == (model == "bm3")  # which reads features in training alone
    for name, x in parts.model.state_dict().items():
        assert torch.equal(x, before[name]), name
    assert is_equal(encoded(parts.model, parts.graph).item, expected.item)


def test_rows_that_are_permuted_are_those_of_other_items(parts_of):
    parts = parts_of("vbpr")
    order = order_of(parts)
    with permuted(parts, ["audio"], order, graphs="recompute") as graph:
        found = item_features(graph)
    for name, x in item_features(parts.graph).items():
        assert torch.equal(found[name], x[order] if name == "audio" else x)


def test_graphs_are_drawn_from_what_is_permuted_unless_they_are_held(parts_of):
    parts = parts_of("freedom")
    order = order_of(parts)
    names = list(item_features(parts.graph))
    place = order.argsort()  # where the features of an item have gone
    expected = {tuple(edge) for edge in place[parts.graph[SIMILAR].edge_index].T.tolist()}
    with permuted(parts, names, order, graphs="recompute") as graph:
        assert {tuple(edge) for edge in graph[SIMILAR].edge_index.T.tolist()} == expected
    with permuted(parts, names, order, graphs="hold") as graph:
        assert torch.equal(graph[SIMILAR].edge_index, parts.graph[SIMILAR].edge_index)
        assert torch.equal(encoded(parts.model, graph).item, encoded(parts.model, parts.graph).item)


def test_tables_that_were_trained_from_features_go_with_them(parts_of):
    parts = parts_of("mgcn")
    table = parts.model.features["text"].clone()
    order = order_of(parts)
    with permuted(parts, ["text"], order, graphs="hold"):
        assert torch.equal(parts.model.features["text"], table[order])
    assert torch.equal(parts.model.features["text"], table)


@pytest.mark.parametrize("name", sorted(set(MULTIMODAL) - ENTANGLED))
def test_what_is_left_is_the_model_of_the_other_modalities(name, parts_of):
    """Made anew for the smaller graph and given the weights that are left, it comes to the same."""
    parts = parts_of(name)
    smaller, graph = without(parts, "audio")
    fresh = instantiate(small_config(name, modalities=THREE).model, "model")(graph)
    fresh.load_state_dict(smaller.state_dict())
    if hasattr(fresh, "item_graph_weights"):
        fresh.item_graph_weights = [1 / 3, 1 / 3]  # as they were; made anew they sum to 1
    found, expected = encoded(smaller, graph), encoded(fresh, graph)
    torch.testing.assert_close(found.item, expected.item)
    torch.testing.assert_close(found.user, expected.user)
    assert "audio" in item_features(parts.graph)
    encoded(parts.model, parts.graph)


def test_vbpr_without_a_modality_loses_its_summand(parts_of):
    parts = parts_of("vbpr")
    smaller, graph = without(parts, "audio")
    weight = parts.model.project.weight[:, 16:24]
    lost = parts.graph["item"].x_audio @ weight.T
    full, left = encoded(parts.model, parts.graph).item, encoded(smaller, graph).item
    torch.testing.assert_close(left[:, 64:], full[:, 64:] - lost)
    assert torch.equal(left[:, :64], full[:, :64])


@pytest.mark.parametrize("name", ["cease", "add_ease", "l3ae", "content_knn"])
def test_closed_forms_are_fitted_anew_without_the_weight_of_what_is_gone(name):
    parts = small_parts(name, "model.weight={text: 2, audio: 1}", modalities=THREE)
    smaller, graph = without(parts, "audio")
    assert smaller.weight == {"text": 2}
    fresh = small_parts(name, "model.weight={text: 2}", modalities=THREE)
    assert is_equal(encoded(smaller, graph).item, encoded(fresh.model, fresh.graph).item)


def test_nothing_is_left_of_content_knn_without_the_one_modality_that_weighs():
    parts = small_parts("content_knn", "model.weight={text: 1}", modalities=THREE)
    with pytest.raises(ValueError, match="text is the only modality that weighs anything"):
        without(parts, "text")


def test_a_sum_of_graphs_keeps_the_other_weights(parts_of):
    parts = parts_of("freedom")
    _, graph = without(parts, "audio")
    full = torch.zeros(120, 120).index_put(tuple(parts.graph[SIMILAR].edge_index), parts.graph[SIMILAR].edge_weight)
    left = torch.zeros(120, 120).index_put(tuple(graph[SIMILAR].edge_index), graph[SIMILAR].edge_weight)
    torch.testing.assert_close(left.sum(0), torch.full((120,), 2 / 3))
    assert (left <= full + 1e-6).all()


@pytest.mark.parametrize("name", sorted(ENTANGLED))
def test_modalities_that_are_weighed_against_each_other_stay(name, parts_of):
    with pytest.raises(ValueError, match="its attention weighs the modalities against each other"):
        without(parts_of(name), "audio")


def test_the_only_modality_stays():
    with pytest.raises(ValueError, match="text is the only modality"):
        without(small_parts("vbpr", modalities="{text: 8}"), "text")
    parts = small_parts("freedom", "graph.knn.modalities=[text]", modalities=THREE)
    with pytest.raises(ValueError, match="the item graph is drawn from text alone"):
        without(parts, "text")
    assert without(parts, "image")[1][SIMILAR].edge_index.size(1) == 600
