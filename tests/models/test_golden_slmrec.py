"""SLMRec computes what its authors' code computes (tests/golden/README.md)."""

import pytest
import torch
import torch.nn.functional as F

from mmgraph.models import SLMRec

GOLDEN_FILE = "slmrec"
MODALITIES = ("image", "audio", "text")
NAMES = {"user": "user_table", "item": "item_table"} | {
    f"{theirs}_{end}": f"{ours}.{end}"
    for theirs, ours in [
        *((f"project_{name}", f"encoder.project.modality.{name}") for name in MODALITIES),
        *((f"join_{side}", f"encoder.join_{side}") for side in ("user", "item")),
    ]
    for end in ("weight", "bias")
}
FAC_NAMES = {
    f"{kind}_{name}_{end}": f"to_{kind}.{name}.{end}"
    for name in MODALITIES
    for kind, end in (("coarse", "weight"), ("coarse", "bias"), ("fine", "weight"))
}

pytestmark = pytest.mark.usefixtures("in_double")


@pytest.fixture
def graph(golden):
    """The problem with a third modality, in the authors' order."""
    graph = golden.graph(merge=False)
    for name in MODALITIES:
        graph["item"].pop(f"x_{name}", None)
        graph["item"][f"x_{name}"] = torch.tensor(golden["problem"][name])
    return graph


def stored_dropout(golden, num_layers):
    """What stays of each layer of the first, then the second encoding: of its users, then of its items."""
    num_users, kept = golden["problem"]["num_users"], torch.tensor(golden["kept"])
    sides = [
        torch.cat(list(side), dim=1)
        for path in (1, 0)  # the authors' paths change places above layer 0
        for layer in range(num_layers)
        for side in (kept[path, layer, :, :num_users], kept[path, layer, :, num_users:])
    ]
    drawn = iter(sides)
    return lambda x, rate: x * next(drawn) / (1 - rate)


@pytest.mark.parametrize("case", ["fac_layers3", "fac_layers1", "fd_layers2"])
def test_vectors_losses_and_gradients(golden, graph, agree, monkeypatch, case):
    numbers = golden["cases"][case]
    task, num_layers, fac = numbers["task"], numbers["num_layers"], numbers["task"] == "fac"
    names = NAMES | (FAC_NAMES if fac else {})
    dim, rate = golden["problem"]["dim"], golden["dropout"]
    model = SLMRec(graph, emb_dim=dim, num_layers=num_layers, task=task, dropout=rate)
    golden.load(model, names)
    if not fac:
        monkeypatch.setattr(F, "dropout", stored_dropout(golden, num_layers))
    objective = golden.objective("slmrec", fac=golden["ssl_weight"])
    for term, tau in (("rank", "tau"), ("fac", "ssl_tau"), ("views", "ssl_tau")):
        objective.terms[term].tau = golden[tau]
    encoding = model(graph)
    agree(encoding.user, numbers["user"])
    agree(encoding.item, numbers["item"])
    losses = objective(model, encoding, golden.batch())
    agree(losses["rank"], numbers["loss"]["rank"])
    agree((losses["fac"] + losses["views"]) / golden["ssl_weight"], numbers["loss"]["ssl"])
    assert losses["views" if fac else "fac"] == 0
    agree(sum(losses.values()), numbers["loss"]["total"])
    grads = torch.autograd.grad(sum(losses.values()), [model.get_parameter(ours) for ours in names.values()])
    for theirs, grad in zip(names, grads, strict=True):
        agree(grad, numbers["grad"][theirs])
