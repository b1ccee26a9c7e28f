"""MMSSL computes what its authors' code computes, corrected as tests/golden/README.md says."""

import pytest
import torch
from torch import nn

from mmgraph.losses import Critic
from mmgraph.losses.adversarial import gradient_penalty
from mmgraph.losses.views import all_views
from mmgraph.models import MMSSL

GOLDEN_FILE = "mmssl.json"
CASES = ["layers2", "layers1"]
MAIN = {
    "user": "user_table",
    "item": "item_table",
    **{f"project_{m}_{end}": f"project.modality.{m}.{end}" for m in ("image", "text") for end in ("weight", "bias")},
}
TRANSPOSED = {"query": "attention.query.weight", "key": "attention.key.weight", "out": "attention.out.weight"}
CRITIC = {
    f"critic_{layer}_{theirs}": f"critic.layers.hidden_{layer}.{position}.{ours}"
    for layer in (0, 1)
    for theirs, position, ours in (
        ("weight", 0, "weight"),
        ("bias", 0, "bias"),
        ("scale", 2, "weight"),
        ("shift", 2, "bias"),
    )
} | {f"critic_out_{end}": f"critic.layers.out.{end}" for end in ("weight", "bias")}

pytestmark = pytest.mark.usefixtures("in_double")


@pytest.fixture
def build(golden):
    def model(case):
        sizes = {"emb_dim": golden["problem"]["dim"], "num_layers": golden["cases"][case]["num_layers"]}
        built = MMSSL(
            golden.graph(merge=False), num_heads=golden["num_heads"], num_generated=2, feature_dropout=0, **sizes
        )
        weights = {ours: torch.tensor(golden["weights"][theirs]) for theirs, ours in (MAIN | CRITIC).items()}
        weights |= {ours: torch.tensor(golden["weights"][theirs]).T for theirs, ours in TRANSPOSED.items()}
        assert set(weights) == {name for name, _ in built.named_parameters()}
        built.load_state_dict(weights, strict=False)
        for module in built.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0
        return built

    return model


@pytest.fixture
def stored_noise(golden, monkeypatch):
    uniform = torch.tensor(golden["uniform"])
    monkeypatch.setattr("mmgraph.losses.adversarial.gumbel_like", lambda x: -torch.log(-torch.log(uniform)))
    monkeypatch.setattr(torch, "rand", lambda *sizes, **_: torch.tensor(golden["share"]))


def critic_term(golden):
    return Critic("modal.*", tau=golden["tau"], noise=golden["noise"], similarity=golden["similarity"], penalty=0.3)


def test_generated_edges(golden, build):
    graph = golden.graph(merge=False)
    drawn = build("layers2").inference_graph(graph)
    for name, expected in golden["generated"].items():
        edges = drawn["user", f"{name}_generated", "item"].edge_index
        assert {tuple(edge) for edge in edges.T.tolist()} == set(zip(*expected, strict=True))


@pytest.mark.parametrize("case", CASES)
def test_vectors_losses_and_gradients(golden, build, agree, case):
    numbers, model = golden["cases"][case], build(case)
    encoding = model(model.training_graph(golden.graph(merge=False), 0))
    agree(encoding.user, numbers["user"])
    agree(encoding.item, numbers["item"])
    for view in ("modal", "generated"):
        for name, sides in numbers[view].items():
            for side, expected in sides.items():
                agree(all_views(encoding)[f"{view}.{name}"][side], expected)
    objective = golden.objective("mmssl", **golden["loss_weights"])
    losses = objective(model, encoding, golden.batch(), group="main")
    for term, weight in golden["loss_weights"].items():
        agree(losses[term] / weight, numbers["loss"][term])
    total = sum(losses.values())
    agree(total, numbers["loss"]["total"])
    names = MAIN | TRANSPOSED
    grads = torch.autograd.grad(total, [model.get_parameter(ours) for ours in names.values()])
    for theirs, grad in zip(names, grads, strict=True):
        agree(grad.T if theirs in TRANSPOSED else grad, numbers["grad"][theirs])


@pytest.mark.usefixtures("stored_noise")
@pytest.mark.parametrize("case", CASES)
def test_the_critic_its_rows_penalty_and_gradients(golden, build, agree, case):
    numbers, model, term = golden["cases"][case], build(case), critic_term(golden)
    encoding, batch = model(model.training_graph(golden.graph(merge=False), 0)), golden.batch()
    real, fake = term.rows(encoding, batch.user.unique())
    agree(real, numbers["real"] * 2)
    agree(fake, numbers["fake"])
    agree(0.3 * gradient_penalty(model.critic, real, fake), numbers["loss"]["penalty"])
    loss = term(model, encoding, batch)
    agree(loss, numbers["loss"]["critic"])
    grads = torch.autograd.grad(loss, [model.get_parameter(ours) for ours in CRITIC.values()], retain_graph=True)
    for theirs, grad in zip(CRITIC, grads, strict=True):
        agree(grad, numbers["critic_grad"][theirs])
    loss.backward()
    assert all(parameter.grad is None for parameter in model.parameter_groups()["main"])
