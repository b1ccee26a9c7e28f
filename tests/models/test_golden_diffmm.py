"""DiffMM's denoisers learn and draw what those of its authors' code do (tests/golden/README.md)."""

import pytest
import torch

from mmgraph.losses import Denoising
from tests.models.golden_table import DENOISERS, row

GOLDEN_FILE = "diffmm"
MODALITIES = ("image", "text")
CASES = ["layers1", "layers2"]

pytestmark = pytest.mark.usefixtures("in_double")


@pytest.fixture
def build(golden):
    return lambda case: row("diffmm", case).build(golden, case)


def test_generated_edges_and_the_rows_they_come_from(golden, build, agree):
    graph, model = golden.graph(merge=False), build("layers1")
    edges, size = graph["user", "interacts", "item"].edge_index, (graph["user"].num_nodes, graph["item"].num_nodes)
    rows = torch.zeros(size).index_put(tuple(edges), torch.ones(edges.size(1)))
    drawn = model.inference_graph(graph)
    for name, expected in golden["restored"].items():
        agree(model.denoisers[name].restore(rows), expected)
        assert drawn["user", f"{name}_generated", "item"].edge_index.tolist() == golden["generated"][name]


@pytest.mark.parametrize("case", CASES)
def test_denoising(golden, build, agree, monkeypatch, case):
    numbers, model, graph = golden["cases"][case], build(case), golden.graph(merge=False)
    steps, noise = (iter([torch.tensor(golden[key][m]) for m in MODALITIES]) for key in ("steps", "noise"))
    monkeypatch.setattr(torch, "randint", lambda *_, **__: next(steps))
    monkeypatch.setattr(torch, "randn_like", lambda _: next(noise))
    loss = Denoising("feature.*", signal=golden["signal"])(model, model(graph), golden.batch())
    agree(loss, numbers["loss"]["denoising"])
    grads = torch.autograd.grad(loss, [model.get_parameter(ours) for ours in DENOISERS.values()], retain_graph=True)
    for theirs, grad in zip(DENOISERS, grads, strict=True):
        agree(grad, numbers["denoiser_grad"][theirs])
    num_items = golden["problem"]["num_items"]
    for m in MODALITIES:
        denoiser, expected = model.denoisers[m].denoiser, torch.tensor(numbers["denoiser_grad"][f"{m}_in_weight"])
        rows, time = torch.autograd.grad(loss, [denoiser.encode, denoiser.encode_time.weight], retain_graph=True)
        agree(rows.T, expected[:, :num_items])
        agree(time, expected[:, num_items:])
    loss.backward()
    assert all(parameter.grad is None for parameter in model.parameter_groups()["main"])
