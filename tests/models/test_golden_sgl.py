"""SGL draws as many edges and nodes as its authors' code (tests/golden/README.md)."""

import pytest
import torch

from mmgraph.models import SGL

GOLDEN_FILE = "sgl"

pytestmark = pytest.mark.usefixtures("in_double")


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
