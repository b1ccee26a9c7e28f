"""LLMRec against its equations, written densely."""

import pytest
import torch
from torch.nn.functional import normalize

from mmgraph.losses import Restoration
from mmgraph.losses.views import all_views
from mmgraph.models import LLMRec
from mmgraph.transforms import Augmentation, LLMAugmentation, add_augmentation
from mmgraph.typing import Triplets
from tests.conftest import adjacency, bipartite_graph

ONE = torch.tensor([0])
BATCH = Triplets(ONE, ONE, ONE)


def augmented(modalities=("image", "text"), attributes=("year", "director")):
    graph = bipartite_graph(modalities=modalities)
    said = {name: torch.randn(9, 3 + place) for place, name in enumerate(attributes)}
    return add_augmentation(graph, Augmentation(torch.randn(12, 5), said, torch.tensor([[0, 3], [1, 2], [4, 5]])))


@pytest.mark.parametrize(("modalities", "attributes"), [(("image", "text"), ("year",)), (("a",), ("x", "y", "z"))])
def test_equals_its_equations(modalities, attributes):
    graph = augmented(modalities, attributes)
    model = LLMRec(graph, emb_dim=4, modality_rate=0.5, profile_rate=2.0, attribute_rate=0.1).eval()
    to_user = adjacency(graph) / graph["user"].degree[:, None].clamp(min=1).sqrt()
    to_item = (adjacency(graph) / graph["item"].degree.clamp(min=1).sqrt()).T
    first = to_user @ model.item_table
    first_item = to_item @ first
    last = torch.softmax(to_user @ first_item, -1)
    user = (model.user_table + first + last) / 3
    item = (model.item_table + first_item + torch.softmax(to_item @ last, -1)) / 3
    sent = [(0.5, model.project.modality[name](graph["item"][f"x_{name}"])) for name in modalities]
    sent += [(0.1, model.project_attribute.modality[name](graph["item"][f"attribute_{name}"])) for name in attributes]
    for rate, z in sent:
        user, item = user + rate * normalize(to_user @ z), item + rate * normalize(to_item @ to_user @ z)
    of_item = to_item @ model.project_profile.modality["profile"](graph["user"].profile)
    user, item = user + 2 * normalize(to_user @ of_item), item + 2 * normalize(of_item)
    encoding = model(graph)
    torch.testing.assert_close(encoding.user, user, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(encoding.item, item, atol=1e-5, rtol=1e-5)


def test_masks_are_drawn_anew_and_leave_the_features_as_they_are():
    graph = augmented()
    before = graph["user"].profile.clone(), graph["item"].attribute_year.clone()
    model = LLMRec(graph, emb_dim=4, mask_rate=0.4)
    torch.manual_seed(0)
    first, second = (all_views(model(graph))["original.profile"]["user"] for _ in range(2))
    assert first.shape == (4, 5)
    assert not torch.equal(first, second)
    assert torch.equal(graph["user"].profile, before[0])
    assert torch.equal(graph["item"].attribute_year, before[1])


def test_a_masked_node_is_told_from_its_neighbours_and_nothing_is_masked_when_ranking():
    graph, model = augmented(), None
    model = LLMRec(graph, emb_dim=4, mask_rate=0.4)
    encoding = model(graph)
    assert set(encoding.views) >= {"restored.profile", "restored.attribute.year", "original.attribute.director"}
    Restoration("restored.*", "original.*")(model, encoding, BATCH).backward()
    assert model.decode_attribute["year"].weight.grad.any()
    assert model.project_profile.modality["profile"].weight.grad.any()
    model.eval()
    assert not [name for name in model(graph).views if name.startswith("restored")]
    assert torch.equal(model(graph).user, model(graph).user)


def test_pairs_are_those_of_the_graph():
    pairs = all_views(LLMRec(augmented(), emb_dim=4)(augmented()))["pairs"]
    assert {key: value.tolist() for key, value in pairs.items()} == {
        "user": [0, 3],
        "liked": [1, 2],
        "disliked": [4, 5],
    }


def test_a_graph_without_augmentation_is_refused(graph):
    with pytest.raises(ValueError, match="graph=llmrec"):
        LLMRec(graph)
    assert LLMRec(LLMAugmentation()(graph), emb_dim=4)(LLMAugmentation()(graph)).user.shape == (12, 4)


def test_without_masks_there_is_nothing_to_restore_and_a_step_encodes_as_ranking_does():
    graph = augmented()
    model = LLMRec(graph, emb_dim=4, mask_rate=0)
    encoding = model(graph)
    assert Restoration("restored.*", "original.*")(model, encoding, BATCH).item() == 0
    assert torch.equal(encoding.user, model.eval()(graph).user)


@pytest.mark.parametrize("settings", [{"mask_rate": -0.1}, {"mask_rate": 1.0}, {"feature_dropout": 1.0}])
def test_settings_out_of_range(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        LLMRec(augmented(), **settings)
