"""SGL against its equations, written densely; the authors' own numbers are in test_golden.py."""

import pytest
import torch

from mmgraph.losses import InfoNCE
from mmgraph.losses.views import all_views
from mmgraph.models import SGL
from mmgraph.transforms import keep_interactions
from mmgraph.typing import INTERACTS, Triplets
from tests.conftest import propagated

AUGMENTATIONS = ["edge", "node", "walk"]


def version(graph, relation):
    """The graph whose interactions are those named ``relation``."""
    edges = graph[INTERACTS].edge_index.T.tolist()
    kept = [edges.index(edge) for edge in graph["user", relation, "item"].edge_index.T.tolist()]
    return keep_interactions(graph, torch.tensor(kept))


def mean(layers):
    return tuple(sum(side) / len(layers) for side in zip(*layers, strict=True))


@pytest.mark.parametrize("augmentation", AUGMENTATIONS)
def test_equals_its_equations(graph, augmentation):
    model = SGL(graph, emb_dim=4, num_layers=2, augmentation=augmentation, dropout=0.4)
    ego = model.user_table, model.item_table
    augmented = model.training_graph(graph, 0)
    encoding = model(augmented)
    plain = mean(propagated(graph, *ego, 2))
    torch.testing.assert_close((encoding.user, encoding.item), plain, atol=1e-6, rtol=1e-5)
    for view in ("first", "second"):
        layers = [ego]
        for relation in model.relations(view):
            layers.append(propagated(version(augmented, relation), *layers[-1], 1)[-1])
        found = tuple(all_views(encoding)[view].values())
        torch.testing.assert_close(found, mean(layers), atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize(("augmentation", "versions"), [("edge", 2), ("node", 2), ("walk", 6)])
def test_each_version_is_drawn_on_its_own(graph, augmentation, versions):
    model = SGL(graph, emb_dim=4, num_layers=3, augmentation=augmentation, dropout=0.4)
    augmented = model.training_graph(graph, 0)
    names = [name for source, name, _ in augmented.edge_types if source == "user" and name != "interacts"]
    assert len(names) == versions
    edge_sets = {frozenset(map(tuple, augmented["user", name, "item"].edge_index.T.tolist())) for name in names}
    assert len(edge_sets) == versions
    again = model.training_graph(graph, 1)["user", names[0], "item"].edge_index
    assert frozenset(map(tuple, again.T.tolist())) not in edge_sets
    assert len(graph.edge_types) == 2, "the graph given stays as it is"


def test_ranks_on_all_interactions_without_views(graph):
    model = SGL(graph, emb_dim=4).eval()
    assert set(model(model.inference_graph(graph)).views) == {"ego"}


def test_contrast_without_the_versions_is_an_error_and_not_zero(graph):
    term, one = InfoNCE("first", "second", tau=0.2), torch.tensor([0])
    model = SGL(graph, emb_dim=4)
    with pytest.raises(KeyError, match="no view matches 'first'"):
        term(model, model(graph), Triplets(one, one, one))


def test_an_augmentation_that_is_not_known(graph):
    with pytest.raises(ValueError, match="augmentation='path' is not known; choose one of edge, node, walk"):
        SGL(graph, augmentation="path")
