"""SHT computes what its authors' TensorFlow code computes (tests/golden/README.md)."""

import pytest
import torch

from mmgraph.losses import L2, OrderAgreement
from mmgraph.losses.views import all_views
from mmgraph.models import SHT

GOLDEN_FILE = "sht"
NAMES = {"user": "user_table", "item": "item_table", "key": "key", "value": "value"}
NAMES |= {f"hyper_{side}": f"hyperedge.{side}" for side in ("user", "item")}
NAMES |= {name: f"{name}.weight" for name in ("meta_weight", "meta_bias", "pair", "solid")}
NAMES |= {f"{name}_bias": f"{name}.bias" for name in ("meta_weight", "meta_bias", "pair", "solid")}
NAMES |= {
    f"mix_{side}_{layer}_{k}": f"mixing.{side}_{layer}.weights.{k}"
    for side in ("user", "item")
    for layer in (0, 1)
    for k in (0, 1)
}

pytestmark = pytest.mark.usefixtures("in_double")


@pytest.fixture
def model(golden):
    sizes = {"emb_dim": golden["problem"]["dim"], "num_hyperedges": golden["num_hyperedges"]}
    built = SHT(golden.graph(merge=False), num_heads=golden["num_heads"], slope=golden["slope"], **sizes)
    golden.load(built, NAMES)
    return built


def test_vectors_judgements_losses_and_gradients(golden, model, agree, monkeypatch):
    monkeypatch.setattr(torch, "randint", lambda *_, **__: torch.tensor(golden["edges"]))
    batch = golden.batch()
    encoding = model(golden.graph(merge=False))
    agree(encoding.user, golden["user"])
    agree(encoding.item, golden["item"])
    for judge in ("first", "second"):
        agree(all_views(encoding)["solidity"][judge], golden[judge])
    scores = [model.score_pairs(encoding, batch.user, item) for item in (batch.pos_item, batch.neg_item)]
    agreement = OrderAgreement("solidity", scale=golden["scale"], reduction="sum")
    reg = L2(["ego", "weights"], rows="all", reduction="sum")
    losses = {
        "rank": torch.relu(1 - scores[0] + scores[1]).mean(),  # ours is BPR
        "agreement": agreement(model, encoding, batch),
        "reg": reg(model, encoding, batch),
    }
    for name, value in losses.items():
        agree(value, golden["loss"][name])
    total = sum(golden["loss_weights"][name] * value for name, value in losses.items())
    grads = torch.autograd.grad(total, [model.get_parameter(ours) for ours in NAMES.values()])
    for theirs, grad in zip(NAMES, grads, strict=True):
        agree(grad, golden["grad"][theirs])


def test_the_same_matrices_are_regularised(golden, model):
    encoding = model(golden.graph(merge=False))
    shown = {id(x) for name in ("ego", "weights") for x in all_views(encoding)[name].values()}
    assert shown == {id(model.get_parameter(NAMES[name])) for name in golden["regularised"]}
