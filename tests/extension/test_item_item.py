import pytest
import torch

from mmgraph.extension import NewNodes, extend
from mmgraph.extension.grown_graph import grow_graph
from mmgraph.models import SLIM, ItemKNN

MODELS = [(ItemKNN, {"knn_k": 4, "shrink": 1.0}), (SLIM, {"l1_weight": 0.1, "l2_weight": 1.0})]


def scores(found, users):
    return found.model.score(found.encoding, torch.as_tensor(users))


@pytest.mark.parametrize(("make", "settings"), MODELS)
def test_a_new_user_with_an_old_ones_history_gets_the_same_scores(graph, make, settings):
    model = make(graph, **settings)
    items = graph["user", "interacts", "item"].edge_index
    history = items[1][items[0] == 7]
    new = NewNodes(num_users=1, edge_index=torch.stack([torch.full_like(history, 60), history]))
    found = extend(model, graph, model(graph), new)
    assert torch.equal(scores(found, [60]), scores(found, [7]))


@pytest.mark.parametrize(("make", "settings"), MODELS)
def test_a_new_item_is_weighed_as_if_it_had_been_there(graph, make, settings):
    """With all neighbours kept, what items weigh in a score does not hang on other scores."""
    if make is ItemKNN:
        settings = {**settings, "knn_k": 1000}
    model = make(graph, **settings)
    users = [3, 4, 5, 9]
    new = NewNodes(num_items=1, edge_index=torch.tensor([users, [30] * 4]))
    found = extend(model, graph, model(graph), new)
    expected = model(grow_graph(graph, new, both_ways=True))
    torch.testing.assert_close(found.encoding.item.to_dense()[:, 30], expected.item.to_dense()[:, 30])
    assert not found.encoding.item.to_dense()[30].any()


@pytest.mark.parametrize(("make", "settings"), MODELS)
def test_an_item_that_no_old_user_chose(graph, new, make, settings):
    model = make(graph, **settings)
    with pytest.raises(ValueError, match=f"item 31 has no user .* {make.__name__} knows an item by its users alone"):
        extend(model, graph, model(graph), new)
