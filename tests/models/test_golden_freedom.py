"""FREEDOM computes what its authors' code computes (tests/golden/README.md)."""

import pytest
import torch

from mmgraph.models.freedom import FREEDOM
from mmgraph.transforms import edge_drop, keep_interactions
from mmgraph.typing import INTERACTS, REV_INTERACTS

GOLDEN_FILE = "freedom"
CASES = ["ui2_mm1", "ui3_mm2", "ui1_mm0"]
NAMES = {"user": "user_table", "item": "item_table"} | {
    theirs.format(m): ours.format(m)
    for m in ("image", "text")
    for theirs, ours in (
        ("feature_{}", "features.{}"),
        ("projection_{}_weight", "project.modality.{}.weight"),
    )
}


@pytest.fixture
def graph(golden):
    return golden.graph(merge=True)


def kept_positions(golden):
    """Where the kept interactions stand in the full graph's edge list."""
    position = {pair: n for n, pair in enumerate(zip(*golden["problem"]["edge_index"], strict=True))}
    return torch.tensor([position[pair] for pair in zip(*golden["pruning"]["edge_index"], strict=True)])


@pytest.fixture
def pruned(golden, graph):
    return keep_interactions(graph, kept_positions(golden))


def build(golden, graph, case):
    numbers = golden["cases"][case]
    model = FREEDOM(
        graph,
        emb_dim=golden["problem"]["dim"],
        num_layers=numbers["n_ui_layers"],
        num_item_layers=numbers["n_mm_layers"],
        dropout=golden["dropout"],
    )
    golden.load(model, NAMES)
    return model


@pytest.mark.parametrize("name", ["image", "text"])
def test_nearest_neighbours(golden, name):
    graph = golden.graph(merge=False)
    neighbor, item = graph["item", f"{name}_knn", "item"].edge_index
    for i in range(golden["problem"]["num_items"]):
        assert sorted(neighbor[item == i].tolist()) == sorted(golden["knn"]["neighbours"][name][i])


def test_merged_item_graph(golden, graph, agree):
    similar = graph["item", "similar", "item"]
    num_items = golden["problem"]["num_items"]
    neighbor, item = similar.edge_index
    agree(torch.zeros(num_items, num_items).index_put((item, neighbor), similar.edge_weight), golden["knn"]["similar"])


def test_pruning_draws_with_the_same_chances(golden, graph, agree, monkeypatch):
    drawn = {}

    def draw(chance, count):
        drawn.update(chance=chance, count=count)
        return kept_positions(golden)

    monkeypatch.setattr(edge_drop, "_draw", draw)
    epoch_graph = build(golden, graph, "ui2_mm1").training_graph(graph, 0)
    assert drawn["count"] == golden["pruning"]["kept_edges"]
    agree(drawn["chance"], golden["pruning"]["sampling_weight"])
    assert epoch_graph[INTERACTS].edge_index.tolist() == golden["pruning"]["edge_index"]
    assert epoch_graph[REV_INTERACTS].edge_index.flip(0).tolist() == golden["pruning"]["edge_index"]


@pytest.mark.parametrize("case", CASES)
def test_final_vectors_on_the_pruned_and_on_the_full_graph(golden, graph, pruned, agree, case):
    model, numbers = build(golden, graph, case), golden["cases"][case]
    for part, found in (("train", model(pruned)), ("eval", model(model.inference_graph(graph)))):
        agree(found.user, numbers[f"{part}_user"])
        agree(found.item, numbers[f"{part}_item"])


def test_scores(golden, graph, agree):
    model = build(golden, graph, "ui2_mm1")
    users = torch.arange(golden["problem"]["num_users"])
    agree(model.score(model(model.inference_graph(graph)), users), golden["cases"]["ui2_mm1"]["scores"])


@pytest.mark.parametrize("case", CASES)
def test_losses_and_how_far_each_reaches(golden, graph, pruned, agree, grad_norms, case):
    numbers, model = golden["cases"][case], build(golden, graph, case)
    found = golden.losses(model, pruned, golden.objective("freedom", modal=golden["modal_weight"]))
    assert set(found) == {"bpr", "modal"}
    agree(found["bpr"], numbers["loss"]["bpr"])
    agree(found["modal"] / golden["modal_weight"], numbers["loss"]["modal_image"] + numbers["loss"]["modal_text"])
    agree(sum(found.values()), numbers["loss"]["total"])
    for loss, name in ((found["bpr"], "bpr"), (sum(found.values()), "total")):
        expected = numbers["grad_norm"][name]
        # The official maps also have biases, which no loss reaches: ours have none.
        assert {key for key in expected if key not in NAMES} == {"projection_image_bias", "projection_text_bias"}
        assert all(abs(norm) < 1e-12 for key, norm in expected.items() if key not in NAMES)
        assert grad_norms(loss, model, NAMES) == pytest.approx({key: expected[key] for key in NAMES}, abs=1e-5)


@pytest.mark.parametrize("name", ["image", "text"])
def test_ranking_by_each_modality(golden, graph, pruned, agree, name):
    objective = golden.objective("freedom", modal=1.0)
    objective.terms["modal"].of = f"modal.{name}"
    found = golden.losses(build(golden, graph, "ui2_mm1"), pruned, objective)
    agree(found["modal"], golden["cases"]["ui2_mm1"]["loss"][f"modal_{name}"])


def test_gradients(golden, graph, pruned, agree):
    model = build(golden, graph, "ui2_mm1")
    objective = golden.objective("freedom", modal=golden["modal_weight"])
    sum(golden.losses(model, pruned, objective).values()).backward()
    for theirs, ours in NAMES.items():
        agree(model.get_parameter(ours).grad, golden["cases"]["ui2_mm1"]["grad"][theirs])
