"""RedND computes what its authors' code computes (tests/golden/README.md)."""

import pytest
import torch

from mmgraph.losses.views import all_views
from mmgraph.models.rednd import RedND

GOLDEN_FILE = "rednd"
NAMES = {"user_weight": "user_weight"} | {
    f"{theirs}.{m}{end}": ours.format(m) + end
    for m in ("image", "text")
    for theirs, ours, ends in (
        ("preference", "nodes.user.{}", [""]),
        ("hidden", "nodes.project.modality.{}.0", [".weight", ".bias"]),
        ("output", "nodes.project.modality.{}.2", [".weight", ".bias"]),
    )
    for end in ends
}


@pytest.fixture
def graph(golden):
    return golden.graph(merge=False)


def build(golden, graph, num_layers):
    dim = golden["problem"]["dim"]
    weights = {"image": golden["image_weight"], "text": 1 - golden["image_weight"]}
    model = RedND(graph, emb_dim=dim, hidden_dim=4 * dim, num_layers=num_layers, item_graph_weights=weights)
    golden.load(model, NAMES)
    return model


@pytest.mark.parametrize("name", ["image", "text"])
def test_nearest_neighbours(golden, graph, name):
    num_items = golden["problem"]["num_items"]
    neighbor, item = graph["item", f"{name}_knn", "item"].edge_index
    for i in range(num_items):
        assert sorted(neighbor[item == i].tolist()) == sorted(golden["knn"]["neighbours"][name][i])


def test_item_graph_as_an_operator(golden, graph, agree):
    model = build(golden, graph, 3)
    identity = torch.eye(golden["problem"]["num_items"])
    agree(model.smooth(identity, graph, ["image", "text"]), golden["knn"]["similar"])


@pytest.mark.parametrize("num_layers", [1, 2, 3, 4])
def test_final_vectors(golden, graph, agree, num_layers):
    encoding = build(golden, graph, num_layers)(graph)
    agree(encoding.user, golden["layers"][str(num_layers)]["user"])
    agree(encoding.item, golden["layers"][str(num_layers)]["item"])


@pytest.mark.parametrize("view", ["ego", "neighbors"])
@pytest.mark.parametrize("name", ["image", "text"])
def test_contrasted_views(golden, graph, agree, view, name):
    found = all_views(build(golden, graph, 3)(graph))[f"{view}.{name}"]
    agree(torch.cat([found["user"], found["item"]]), golden["layers"]["3"][view][name])


def test_scores(golden, graph, agree):
    model = build(golden, graph, 3)
    users = torch.arange(golden["problem"]["num_users"])
    agree(model.score(model(graph), users), golden["layers"]["3"]["scores"])


def losses(golden, model, graph):
    """Weighted losses under the golden names: the weights' own term is part of the regulariser."""
    objective = golden.objective("rednd", reg=golden["reg_weight"], align=golden["align_weight"])
    found = golden.losses(model, graph, objective)
    return {"bpr": found["bpr"], "reg": found["reg"] + found["reg_weight"], "align": found["align"]}


@pytest.mark.parametrize("num_layers", [1, 2, 3, 4])
def test_losses_and_how_far_each_reaches(golden, graph, agree, grad_norms, num_layers):
    numbers, model = golden["layers"][str(num_layers)], build(golden, graph, num_layers)
    found = losses(golden, model, graph)
    agree(sum(found.values()), numbers["loss"]["total"])
    assert grad_norms(sum(found.values()), model, NAMES) == pytest.approx(numbers["grad_norm"]["total"], abs=1e-5)
    for term, weight in {"bpr": 1.0, "reg": golden["reg_weight"], "align": golden["align_weight"]}.items():
        agree(found[term] / weight, numbers["loss"][term])
        norms = grad_norms(found[term] / weight, model, NAMES)
        assert norms == pytest.approx(numbers["grad_norm"][term], abs=1e-5)


@pytest.mark.parametrize("name", ["image", "text"])
def test_contrast_of_each_modality(golden, graph, agree, name):
    objective = golden.objective("rednd", align=1.0)
    objective.terms["align"].anchor, objective.terms["align"].positive = f"ego.{name}", f"neighbors.{name}"
    found = golden.losses(build(golden, graph, 3), graph, objective)
    agree(found["align"], golden["layers"]["3"]["loss"][f"align_{name}"])


def test_gradients(golden, graph, agree):
    model = build(golden, graph, 3)
    sum(losses(golden, model, graph).values()).backward()
    for theirs, ours in NAMES.items():
        agree(model.get_parameter(ours).grad, golden["layers"]["3"]["grad"][theirs])
