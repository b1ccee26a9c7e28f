"""LayerGCN computes what its authors' code computes (tests/golden/README.md)."""

import pytest
import torch

from mmgraph.models import LayerGCN
from mmgraph.transforms import edge_drop, keep_interactions

GOLDEN_FILE = "layergcn.json"
NAMES = {"user": "user_table", "item": "item_table"}
CASES = [f"layers{num_layers}_epoch{epoch}" for num_layers in (1, 2, 4) for epoch in (0, 1)]

pytestmark = pytest.mark.usefixtures("in_double")


@pytest.fixture
def build(golden):
    def model(num_layers):
        graph = golden.graph(merge=False)
        built = LayerGCN(graph, emb_dim=golden["problem"]["dim"], num_layers=num_layers, dropout=golden["dropout"])
        golden.load(built, NAMES)
        return built, graph

    return model


@pytest.mark.parametrize("case", CASES)
def test_vectors_losses_and_gradients_on_the_edges_of_an_epoch(golden, build, same_as, case):
    numbers = golden["cases"][case]
    model, graph = build(numbers["num_layers"])
    pruned = keep_interactions(graph, torch.tensor(golden["kept"][numbers["epoch"]]))
    same_as(numbers, model, pruned, "layergcn")


def test_scores_are_those_of_all_edges(golden, build, agree):
    model, graph = build(4)
    users = torch.arange(golden["problem"]["num_users"])
    agree(model.score(model(model.inference_graph(graph)), users), golden["cases"]["layers4_epoch1"]["scores"])


def test_as_many_edges_are_kept_first_by_the_same_chances_then_by_equal_ones(golden, build, agree, monkeypatch):
    chances = []

    def draw(chance, count):
        chances.append(chance)
        assert count == len(golden["kept"][0])
        return torch.arange(count)

    monkeypatch.setattr(edge_drop, "_draw", draw)
    model, graph = build(1)
    for epoch in range(2):
        pruned = model.training_graph(graph, epoch)
        assert pruned["user", "interacts", "item"].edge_index.size(1) == len(golden["kept"][epoch])
    assert len(chances) == 1
    agree(chances[0], golden["sampling_weight"])
