"""LayerGCN draws the edges that its authors' code draws (tests/golden/README.md)."""

import pytest
import torch

from mmgraph.transforms import edge_drop
from tests.models.golden_table import row

GOLDEN_FILE = "layergcn"

pytestmark = pytest.mark.usefixtures("in_double")


def test_as_many_edges_are_kept_first_by_the_same_chances_then_by_equal_ones(golden, agree, monkeypatch):
    chances = []

    def draw(chance, count):
        chances.append(chance)
        assert count == len(golden["kept"][0])
        return torch.arange(count)

    monkeypatch.setattr(edge_drop, "_draw", draw)
    graph, model = golden.graph(merge=False), row("layergcn", "layers1_epoch0").build(golden, "layers1_epoch0")
    for epoch in range(2):
        pruned = model.training_graph(graph, epoch)
        assert pruned["user", "interacts", "item"].edge_index.size(1) == len(golden["kept"][epoch])
    assert len(chances) == 1
    agree(chances[0], golden["sampling_weight"])
