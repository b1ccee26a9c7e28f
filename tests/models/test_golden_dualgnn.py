"""DualGNN and DRAGON compute what their authors' code computes (tests/golden/README.md)."""

import json

import pytest
import torch

from mmgraph.models import DRAGON, DualGNN
from mmgraph.transforms import CoInteractionGraph
from tests.models.conftest import GOLDEN, Golden

CASES = [("dualgnn", "items1"), ("dragon", "items1"), ("dragon", "items2")]
NAMES = {"user_weight": "user_weight"} | {
    f"{theirs}.{m}{end}": ours.format(m) + end
    for m in ("image", "text")
    for theirs, ours, ends in (
        ("preference", "modal.nodes.user.{}", [""]),
        ("hidden", "modal.nodes.project.modality.{}.0", [".weight", ".bias"]),
        ("output", "modal.nodes.project.modality.{}.2", [".weight", ".bias"]),
    )
    for end in ends
}

pytestmark = pytest.mark.usefixtures("in_double")


@pytest.fixture
def golden(name):
    return Golden(json.loads((GOLDEN / f"{name}.json").read_text()))


@pytest.fixture
def graph(golden):
    return CoInteractionGraph(k=golden["num_peers"])(golden.graph(merge=True))


@pytest.fixture
def build(golden, graph, name):
    def model(case):
        dim = golden["problem"]["dim"]
        if name == "dualgnn":
            built = DualGNN(graph, emb_dim=dim, hidden_dim=4 * dim)
        else:
            depth = golden["cases"][case]["num_item_layers"]
            built = DRAGON(graph, emb_dim=dim, hidden_dim=4 * dim, num_item_layers=depth)
        golden.load(built, NAMES)
        return built

    return model


@pytest.mark.parametrize(("name", "case"), CASES)
def test_vectors_losses_and_gradients(golden, graph, build, same_as, agree, name, case):
    numbers, model = golden["cases"][case], build(case)
    same_as(numbers, model, graph, name, NAMES)
    agree(model.score(model(graph), torch.arange(golden["problem"]["num_users"])), numbers["scores"])


@pytest.mark.parametrize("name", ["dualgnn", "dragon"])
def test_who_hears_whom_and_how_loudly(golden, graph, build, agree, name):
    edges, num_users = graph["user", "co_interacts", "user"], golden["problem"]["num_users"]
    agree(build("items1").user_conv(torch.eye(num_users), edges.edge_index, edges.edge_weight), golden["heard"])
