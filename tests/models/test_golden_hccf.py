"""HCCF computes what its authors' PyTorch code computes (tests/golden/README.md)."""

import pytest
import torch

from mmgraph.losses.views import all_views
from mmgraph.models import HCCF

GOLDEN_FILE = "hccf.json"
NAMES = {"hyper_user": "hyperedge.user", "hyper_item": "hyperedge.item", "user": "user_table", "item": "item_table"}

pytestmark = pytest.mark.usefixtures("in_double")


@pytest.mark.parametrize("case", ["layers1", "layers2"])
def test_vectors_views_losses_and_gradients(golden, same_as, agree, case):
    numbers, graph = golden["cases"][case], golden.graph(merge=False)
    sizes = {"emb_dim": golden["problem"]["dim"], "num_hyperedges": golden["num_hyperedges"]}
    model = HCCF(graph, num_layers=numbers["num_layers"], membership_scale=1, dropout=0, **sizes)
    golden.load(model, NAMES)
    encoding = same_as(numbers, model, graph, "hccf")
    for name, layers in (("local", numbers["local"]), ("global", numbers["shared"])):
        for layer, sides in enumerate(layers):
            for side, expected in sides.items():
                agree(all_views(encoding)[f"{name}.{layer}"][side], expected)
    losses = golden.losses(model, graph, golden.objective("hccf", **golden["loss_weights"]))
    grads = torch.autograd.grad(sum(losses.values()), [model.hyperedge[side] for side in ("user", "item")])
    for side, grad in zip(("user", "item"), grads, strict=True):
        agree(grad, numbers["grad"][f"hyper_{side}"])


def test_temperature(golden):
    assert golden.objective("hccf").terms["contrast"].tau == golden["tau"]
