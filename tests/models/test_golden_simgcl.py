"""SimGCL computes what its authors' code computes (tests/golden/README.md)."""

import pytest
import torch

from mmgraph.losses.views import all_views
from mmgraph.models import SimGCL

GOLDEN_FILE = "simgcl.json"

pytestmark = pytest.mark.usefixtures("in_double")


@pytest.mark.parametrize("num_layers", [1, 2, 3])
def test_vectors_views_losses_and_gradients(golden, same_as, agree, monkeypatch, num_layers):
    problem, graph = golden["problem"], golden.graph(merge=False)
    drawn = iter(
        part
        for view in ("first", "second")
        for layer in golden["noise"][view][:num_layers]
        for part in torch.tensor(layer).split([problem["num_users"], problem["num_items"]])
    )
    monkeypatch.setattr(torch, "rand_like", lambda x: next(drawn))
    model = SimGCL(graph, emb_dim=problem["dim"], num_layers=num_layers, noise=golden["noise_length"])
    golden.load(model, {"user": "user_table", "item": "item_table"})
    numbers = golden["cases"][f"layers{num_layers}"]
    encoding = same_as(numbers, model, graph, "simgcl")
    assert next(drawn, None) is None, "all noise is drawn"
    for view, sides in numbers["views"].items():
        for side, expected in sides.items():
            agree(all_views(encoding)[view][side], expected)
