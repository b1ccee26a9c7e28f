import torch

from mmgraph.nn import ModalityPropagation
from tests.conftest import adjacency, propagated

DIMS = {"image": 4, "text": 5}


def features(graph):
    return {name: graph["item"][f"x_{name}"] for name in DIMS}


def test_layers_equal_the_dense_equations(graph):
    block = ModalityPropagation(DIMS, emb_dim=3, num_layers=2)
    dense = adjacency(graph)
    for name, layers in block(features(graph), graph).items():
        item = graph["item"][f"x_{name}"] @ block.project.modality[name].weight.T  # Eq. 4
        user = dense @ item / dense.sum(1, keepdim=True)  # Eq. 5
        for got, expected in zip(layers, propagated(graph, user, item, 2), strict=True):  # Eq. 6
            torch.testing.assert_close(got, expected, atol=1e-5, rtol=1e-5)


def test_users_may_start_from_a_table(graph):
    start = torch.randn(12, 3)
    block = ModalityPropagation(DIMS, emb_dim=3, num_layers=1)
    for layers in block(features(graph), graph, user=start).values():
        assert layers[0][0] is start


def test_features_are_frozen_and_the_map_has_no_bias(graph):
    block = ModalityPropagation(DIMS, emb_dim=3, num_layers=1)
    assert sorted(key for key, _ in block.named_parameters()) == [
        "project.modality.image.weight",
        "project.modality.text.weight",
    ]
