"""SGL computes what its authors' code computes (tests/golden/README.md)."""

import pytest
import torch

from mmgraph.losses.views import all_views
from mmgraph.models import SGL
from mmgraph.transforms import keep_interactions

GOLDEN_FILE = "sgl.json"

pytestmark = pytest.mark.usefixtures("in_double")


@pytest.mark.parametrize("case", ["edge_layers1", "edge_layers3", "node_layers2", "walk_layers2"])
def test_vectors_views_losses_and_gradients(golden, same_as, agree, monkeypatch, case):
    numbers, graph = golden["cases"][case], golden.graph(merge=False)
    kept = iter([torch.tensor(positions) for view in ("first", "second") for positions in numbers["kept"][view]])
    drop = "drop_nodes" if case.startswith("node") else "drop_edges"
    monkeypatch.setattr(f"mmgraph.models.sgl.{drop}", lambda data, _: keep_interactions(data, next(kept)))
    model = SGL(
        graph,
        emb_dim=golden["problem"]["dim"],
        num_layers=numbers["num_layers"],
        augmentation=numbers["augmentation"],
        dropout=golden["dropout"],
    )
    golden.load(model, {"user": "user_table", "item": "item_table"})
    encoding = same_as(numbers, model, model.training_graph(graph, 0), "sgl")
    assert next(kept, None) is None, "every version is drawn"
    for view, sides in numbers["views"].items():
        for side, expected in sides.items():
            agree(all_views(encoding)[view][side], expected)


@pytest.mark.parametrize("case", ["edge_layers1", "walk_layers2"])
def test_as_many_edges_are_kept(golden, case):
    numbers, graph = golden["cases"][case], golden.graph(merge=False)
    settings = {"num_layers": numbers["num_layers"], "augmentation": numbers["augmentation"]}
    model = SGL(graph, dropout=golden["dropout"], **settings)
    augmented = model.training_graph(graph, 0)
    for view, versions in numbers["kept"].items():
        found = [augmented["user", name, "item"].edge_index.size(1) for name in dict.fromkeys(model.relations(view))]
        assert found == [len(positions) for positions in versions]


def test_as_many_nodes_are_dropped(golden, monkeypatch):
    """Their draw again: nodes that the permutation puts behind the kept ones are dropped, and with them their edges."""
    numbers, graph = golden["cases"]["node_layers2"], golden.graph(merge=False)
    dropped = [nodes for view in ("first", "second") for nodes in numbers["dropped_nodes"][view].values()]

    def permutation(size, **_):
        last = dropped.pop(0)
        return torch.tensor([node for node in range(size) if node not in last] + last)

    monkeypatch.setattr(torch, "randperm", permutation)
    augmented = SGL(graph, augmentation="node", dropout=golden["dropout"]).training_graph(graph, 0)
    edges = torch.tensor(golden["problem"]["edge_index"])
    for view, (kept,) in numbers["kept"].items():
        assert torch.equal(augmented["user", view, "item"].edge_index, edges[:, kept])
