"""MMSSL draws and judges edges as its authors' code does, corrected as tests/golden/README.md says."""

import pytest
import torch

from mmgraph.losses import Critic
from mmgraph.losses.adversarial import gradient_penalty
from tests.models.golden_table import CRITIC, row

GOLDEN_FILE = "mmssl"
CASES = ["layers2", "layers1"]

pytestmark = pytest.mark.usefixtures("in_double")


@pytest.fixture
def build(golden):
    return lambda case: row("mmssl", case).build(golden, case)


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


@pytest.mark.usefixtures("stored_noise")
@pytest.mark.parametrize("case", CASES)
def test_the_critic_its_rows_penalty_and_gradients(golden, build, agree, case):
    numbers, model, term = golden["cases"][case], build(case), critic_term(golden)
    encoding, batch = model(model.training_graph(golden.graph(merge=False), 0)), golden.batch()
    real, factored = term.rows(encoding, batch.user.unique())
    fake = torch.cat([rows.dense() for rows in factored])
    agree(real, numbers["real"])
    agree(fake, numbers["fake"])
    agree(0.3 * gradient_penalty(model.critic, real.repeat(2, 1), fake), numbers["loss"]["penalty"])
    loss = term(model, encoding, batch)
    agree(loss, numbers["loss"]["critic"])
    grads = torch.autograd.grad(loss, [model.get_parameter(ours) for ours in CRITIC.values()], retain_graph=True)
    for theirs, grad in zip(CRITIC, grads, strict=True):
        agree(grad, numbers["critic_grad"][theirs])
    loss.backward()
    assert all(parameter.grad is None for parameter in model.parameter_groups()["main"])
