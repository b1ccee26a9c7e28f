import pytest
import torch
from torch.nn.functional import normalize

from mmgraph.nn import ModalityNodes, table_rows

DIMS = {"image": 4, "text": 5}


@pytest.fixture
def features(graph):
    return {name: graph["item"][f"x_{name}"] for name in DIMS}


@pytest.mark.parametrize("unit", [True, False])
@pytest.mark.parametrize("free_items", [True, False])
def test_free_vectors_and_projected_features(graph, features, unit, free_items):
    num_items = graph["item"].num_nodes if free_items else None
    block = ModalityNodes(DIMS, num_users=12, num_items=num_items, emb_dim=3, normalize=unit)
    nodes, free = block(features, graph)
    assert list(nodes) == list(free) == list(DIMS)
    for name in DIMS:
        user, item = block.user[name], block.project.modality[name](features[name])
        item = item + block.item[name] if free_items else item
        expected = (normalize(user), normalize(item)) if unit else (user, item)
        torch.testing.assert_close(nodes[name], expected)
        assert list(free[name]) == (["user", "item"] if free_items else ["user"])


def test_a_subgraph_has_its_own_rows(graph, features):
    block = ModalityNodes(DIMS, num_users=12, num_items=graph["item"].num_nodes, emb_dim=3)
    whole, _ = block(features, graph)
    users, items = torch.tensor([5, 0, 7]), torch.tensor([3, 1])
    graph["user"].n_id, graph["item"].n_id = users, items
    part, free = block({name: x[items] for name, x in features.items()}, graph)
    for name in DIMS:
        torch.testing.assert_close(part[name], (whole[name][0][users], whole[name][1][items]))
        assert torch.equal(free[name]["item"], block.item[name][items])


def test_a_table_without_ids_is_whole(graph):
    table = torch.randn(12, 2)
    assert table_rows(table, graph["user"]) is table


def test_a_node_that_a_table_does_not_know_is_told(graph):
    with pytest.raises(ValueError, match="12 nodes of type 'user', but the model was made for 11"):
        table_rows(torch.randn(11, 2), graph["user"])


def test_a_modality_is_needed():
    with pytest.raises(ValueError, match="at least one modality"):
        ModalityNodes({}, num_users=12, emb_dim=3)
