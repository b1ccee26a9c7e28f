import pytest
import torch

from mmgraph.extension import NewNodes, extend
from mmgraph.extension.grown_graph import grow_graph
from mmgraph.models import CEASE, EASE, L3AE, SLIM, AddEASE, ContentKNN, ItemKNN

BY_USERS = [
    (ItemKNN, {"knn_k": 4, "shrink": 1.0}),
    (SLIM, {"l1_weight": 0.1, "l2_weight": 1.0}),
    (EASE, {"l2_weight": 2.0}),
]
BY_FEATURES = [
    (CEASE, {"l2_weight": 2.0, "weight": 3.0}),
    (AddEASE, {"l2_weight": 2.0}),
    (L3AE, {"l2_weight": 2.0, "distill_weight": 3.0}),
    (ContentKNN, {"knn_k": 4}),
]


def scores(found, users):
    return found.model.score(found.encoding, torch.as_tensor(users))


@pytest.mark.parametrize(("make", "settings"), [*BY_USERS, *BY_FEATURES])
def test_a_new_user_with_an_old_ones_history_gets_the_same_scores(graph, make, settings):
    model = make(graph, **settings)
    items = graph["user", "interacts", "item"].edge_index
    history = items[1][items[0] == 7]
    new = NewNodes(num_users=1, edge_index=torch.stack([torch.full_like(history, 60), history]))
    found = extend(model, graph, model(graph), new)
    assert torch.equal(scores(found, [60]), scores(found, [7]))


@pytest.mark.parametrize(("make", "settings"), BY_USERS)
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


@pytest.mark.parametrize(("make", "settings"), BY_USERS)
def test_an_item_that_no_old_user_chose(graph, new, make, settings):
    model = make(graph, **settings)
    with pytest.raises(ValueError, match=f"item 31 has no user .* {make.__name__} knows an item by its users alone"):
        extend(model, graph, model(graph), new)


@pytest.mark.parametrize(("make", "settings"), BY_FEATURES)
def test_a_new_item_is_known_by_its_features_and_is_like_its_twin(graph, make, settings):
    """An item with the users and features of an old one gets the weights that the old one would have without itself."""
    graph["item"].x_text[4] = -3.0
    edges = graph["user", "interacts", "item"].edge_index
    users = edges[0][edges[1] == 4]
    features = {name: graph["item"][f"x_{name}"][4:5] for name in ("image", "text")}
    pairs = torch.stack([users, torch.full_like(users, 30)])
    model = make(graph, **settings)
    new = NewNodes(num_items=2, edge_index=pairs, features={name: x.repeat(2, 1) for name, x in features.items()})
    found = extend(model, graph, model(graph), new).encoding.item.to_dense()
    assert found.shape == (32, 32)
    twin, alone = found[:30, 30], found[:30, 31]
    assert twin.argmax() == alone.argmax() == 4
    assert not found[30:].any()


@pytest.mark.parametrize(("make", "settings"), BY_FEATURES)
def test_items_without_features_have_those_of_no_other_item(graph, make, settings):
    """What stands in the place of features that an item lacks is not looked at, whatever it is."""
    features = {"image": torch.randn(2, 4), "text": torch.full((2, 5), torch.nan)}
    has = {"text": torch.tensor([False, False])}
    pairs = torch.tensor([[3, 4], [30, 31]])
    model = make(graph, **settings)
    found = extend(model, graph, model(graph), NewNodes(num_items=2, edge_index=pairs, features=features, has=has))
    absent = NewNodes(num_items=2, edge_index=pairs, features={"image": features["image"]})
    expected = extend(model, graph, model(graph), absent)
    assert torch.equal(found.encoding.item.to_dense(), expected.encoding.item.to_dense())


@pytest.mark.parametrize(("make", "settings"), BY_FEATURES)
def test_an_item_without_users_and_features(graph, make, settings):
    model = make(graph, **settings)
    new = NewNodes(num_items=1, edge_index=torch.empty(2, 0, dtype=torch.long), item_names=["lamp"])
    message = rf"item 'lamp' has no user .* {make.__name__} knows an item by its users and features \(image, text\)"
    with pytest.raises(ValueError, match=message):
        extend(model, graph, model(graph), new)
