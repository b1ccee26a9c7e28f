"""DiffMM computes what its authors' code computes (tests/golden/README.md)."""

import pytest
import torch

from mmgraph.losses import Denoising
from mmgraph.losses.views import all_views
from mmgraph.models import DiffMM

GOLDEN_FILE = "diffmm.json"
MODALITIES = ("image", "text")
DENOISERS = {
    f"{m}_{theirs}": f"denoisers.{m}.denoiser.{ours}"
    for m in MODALITIES
    for theirs, ours in (
        ("time_weight", "time.weight"),
        ("time_bias", "time.bias"),
        ("in_bias", "encode_time.bias"),
        ("out_weight", "decode"),
        ("out_bias", "decode_bias"),
    )
}
MAIN = {"user": "user_table", "item": "item_table"}
LINEAR = {f"project_{m}_{end}": f"project.modality.{m}.{end}" for m in MODALITIES for end in ("weight", "bias")}
LEAKY = {f"project_{m}_matrix": f"project.modality.{m}.weight" for m in MODALITIES}
CASES = {"layers1": LEAKY, "layers2": LINEAR}

pytestmark = pytest.mark.usefixtures("in_double")


@pytest.fixture
def build(golden):
    def model(case):
        numbers, weights = golden["cases"][case], {k: torch.tensor(w) for k, w in golden["weights"].items()}
        sizes = {key: numbers[key] for key in ("num_layers", "projection")}
        sizes |= {key: golden[key] for key in ("num_generated", "hidden_dim")} | {"emb_dim": golden["problem"]["dim"]}
        built = DiffMM(golden.graph(merge=False), input_dropout=0, **sizes)
        loaded = {ours: weights[theirs] for theirs, ours in (DENOISERS | MAIN).items()}
        loaded |= {ours: weights[k].T if k.endswith("matrix") else weights[k] for k, ours in CASES[case].items()}
        num_items = golden["problem"]["num_items"]
        for m in MODALITIES:
            first = weights[f"{m}_in_weight"]
            loaded[f"denoisers.{m}.denoiser.encode"] = first[:, :num_items].T
            loaded[f"denoisers.{m}.denoiser.encode_time.weight"] = first[:, num_items:]
        built.load_state_dict(loaded | {"attention.logit": weights["attention"]})
        return built

    return model


def test_generated_edges_and_the_rows_they_come_from(golden, build, agree):
    graph, model = golden.graph(merge=False), build("layers1")
    edges, size = graph["user", "interacts", "item"].edge_index, (graph["user"].num_nodes, graph["item"].num_nodes)
    rows = torch.zeros(size).index_put(tuple(edges), torch.ones(edges.size(1)))
    drawn = model.inference_graph(graph)
    for name, expected in golden["restored"].items():
        agree(model.denoisers[name].restore(rows), expected)
        assert drawn["user", f"{name}_generated", "item"].edge_index.tolist() == golden["generated"][name]


@pytest.mark.parametrize("case", CASES)
def test_vectors_losses_and_gradients(golden, build, agree, case):
    numbers, model, graph = golden["cases"][case], build(case), golden.graph(merge=False)
    encoding = model(model.training_graph(graph, 0))
    agree(encoding.user, numbers["user"])
    agree(encoding.item, numbers["item"])
    for name, sides in numbers["modal"].items():
        for side, expected in sides.items():
            agree(all_views(encoding)[f"modal.{name}"][side], expected)
    objective = golden.objective("diffmm", **golden["loss_weights"])
    losses = objective(model, encoding, golden.batch(), group="main")
    for term, weight in golden["loss_weights"].items():
        agree(losses[term] / weight, numbers["loss"][term])
    agree(sum(losses.values()), numbers["loss"]["total"])
    names = MAIN | CASES[case] | {"attention": "attention.logit"}
    grads = torch.autograd.grad(sum(losses.values()), [model.get_parameter(ours) for ours in names.values()])
    for theirs, grad in zip(names, grads, strict=True):
        agree(grad.T if theirs.endswith("matrix") else grad, numbers["grad"][theirs])


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
