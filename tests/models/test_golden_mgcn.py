"""MGCN computes what its authors' code computes (tests/golden/README.md)."""

import pytest
import torch

from mmgraph.losses.views import all_views
from mmgraph.models import MGCN
from tests.models.conftest import item_graphs

GOLDEN_FILE = "mgcn.json"
CASES = ["ui2_items1", "ui1_items2", "ui3_items0"]
NAMES = {
    "user": "user_table",
    "item": "item_table",
    "query_hidden_weight": "attention.hidden.weight",
    "query_hidden_bias": "attention.hidden.bias",
    "query": "attention.query.weight",
} | {
    f"{theirs}_{m}{end and '_' + end}": ours.format(m) + (end and "." + end)
    for m in ("image", "text")
    for theirs, ours, ends in (
        ("feature", "features.{}", [""]),
        ("project", "purifier.{}.expand", ["weight", "bias"]),
        ("gate", "purifier.{}.reduce", ["weight", "bias"]),
        ("prefer", "preference.{}", ["weight", "bias"]),
    )
    for end in ends
}

pytestmark = pytest.mark.usefixtures("in_double")


@pytest.fixture
def graph(golden):
    return item_graphs(golden)


@pytest.fixture
def build(golden, graph):
    def model(case):
        numbers = golden["cases"][case]
        built = MGCN(
            graph,
            emb_dim=golden["problem"]["dim"],
            num_layers=numbers["num_layers"],
            num_item_layers=numbers["num_item_layers"],
        )
        golden.load(built, NAMES)
        return built

    return model


@pytest.mark.parametrize("name", ["image", "text"])
def test_item_graphs(golden, graph, agree, name):
    store, size = graph["item", f"{name}_knn", "item"], golden["problem"]["num_items"]
    neighbor, item = store.edge_index
    agree(torch.zeros(size, size).index_put((item, neighbor), store.edge_weight), golden["knn"][name])


@pytest.mark.parametrize("case", CASES)
def test_vectors_losses_and_gradients(golden, graph, build, same_as, agree, case):
    numbers = golden["cases"][case]
    encoding = same_as(numbers, build(case), graph, "mgcn", NAMES)
    for view in ("side", "content"):
        for side in ("user", "item"):
            agree(all_views(encoding)[view][side], numbers[view][side])


def test_scores(golden, graph, build, agree):
    model = build("ui2_items1")
    users = torch.arange(golden["problem"]["num_users"])
    agree(model.score(model(graph), users), golden["cases"]["ui2_items1"]["scores"])
