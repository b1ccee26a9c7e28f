"""LGMRec computes what its authors' code computes (tests/golden/README.md)."""

import pytest
import torch
import torch.nn.functional as F

from mmgraph.losses.views import all_views
from mmgraph.models.base import item_features
from mmgraph.models.lgmrec import LGMRec

GOLDEN_FILE = "lgmrec"
CASES = [f"ui{n_ui}_hyper{n_hyper}_{noise}" for n_ui in (2, 4) for n_hyper in (1, 2) for noise in ("off", "stored")]
WITH_VIEWS = [case for case in CASES if case not in ("ui2_hyper2_off", "ui4_hyper1_off")]
WITH_GRADIENTS = ["ui2_hyper1_stored", "ui4_hyper2_stored"]
TERMS = ("hcl", "reg")
NAMES = {"user": "table.user", "item": "table.item"} | {
    theirs.format(m): ours.format(m)
    for m in ("image", "text")
    for theirs, ours in (
        ("projection_{}_weight", "modal.project.modality.{}.weight"),
        ("hyperedge_{}", "hyperedge.{}"),
    )
}


# The contrast is a sum of some hundred: 1e-5 of it is below float32's steps.
pytestmark = pytest.mark.usefixtures("in_double")


@pytest.fixture
def graph(golden):
    return golden.graph(merge=False)


@pytest.fixture
def uniform(golden, monkeypatch):
    """Lets torch draw the uniform numbers whose Gumbel noise is the stored one, users and items each by modality."""
    num_users, drawn = golden["problem"]["num_users"], {"user": 0, "item": 0}

    def draw(like):
        side = "user" if like.size(0) == num_users else "item"
        modality = ("image", "text")[drawn[side] % 2]
        drawn[side] += 1
        return torch.exp(-torch.exp(-torch.tensor(golden["gumbel"][f"{side}.{modality}"])))

    monkeypatch.setattr(torch, "rand_like", draw)
    return drawn


@pytest.fixture
def build(golden, graph, uniform):
    def model(case):
        numbers = golden["cases"][case]
        built = LGMRec(
            graph,
            emb_dim=golden["problem"]["dim"],
            num_layers=numbers["n_ui_layers"],
            num_modal_layers=golden["n_mm_layers"],
            num_hyper_layers=numbers["n_hyper_layer"],
            num_hyperedges=golden["hyper_num"],
            alpha=golden["alpha"],
            dropout=1 - golden["keep_rate"],
            tau=golden["tau"],
            noise={"off": "none", "stored": "gumbel"}[numbers["noise"]],
        )
        golden.load(built, NAMES)
        return built

    return model


@pytest.mark.parametrize("case", CASES)
def test_final_vectors(golden, graph, build, uniform, agree, case):
    encoding = build(case)(graph)
    agree(encoding.user, golden["cases"][case]["user"])
    agree(encoding.item, golden["cases"][case]["item"])
    calls = 2 if golden["cases"][case]["noise"] == "stored" else 0
    assert uniform == {"user": calls, "item": calls}


@pytest.mark.parametrize("num_layers", ["2", "4"])
def test_collaborative_part(golden, graph, build, agree, num_layers):
    model = build(f"ui{num_layers}_hyper1_off")
    user, item = model.collaborative(model.table["user"], model.table["item"], graph)
    agree(user, golden["local"]["id"][num_layers]["user"])
    agree(item, golden["local"]["id"][num_layers]["item"])


@pytest.mark.parametrize("name", ["image", "text"])
def test_modal_parts(golden, graph, build, agree, name):
    user, item = build("ui2_hyper1_off").modal(item_features(graph), graph)[name][-1]
    agree(F.normalize(user), golden["local"][name]["user"])
    agree(F.normalize(item), golden["local"][name]["item"])


@pytest.mark.parametrize("case", WITH_VIEWS)
@pytest.mark.parametrize("name", ["image", "text"])
def test_global_embeddings_of_each_modality(golden, graph, build, agree, case, name):
    found = all_views(build(case)(graph))[f"hyper.{name}"]
    for side in ("user", "item"):
        agree(found[side], golden["cases"][case]["hyper"][name][side])


def test_scores(golden, graph, build, agree):
    model = build("ui2_hyper1_stored")
    users = torch.arange(golden["problem"]["num_users"])
    agree(model.score(model(graph), users), golden["cases"]["ui2_hyper1_stored"]["scores"])


@pytest.mark.parametrize("case", ["ui2_hyper1_off", "ui4_hyper2_off"])
def test_evaluation_is_the_noiseless_case(golden, graph, build, uniform, agree, case):
    encoding = build(case.replace("off", "stored")).eval()(graph)
    agree(encoding.user, golden["cases"][case]["user"])
    agree(encoding.item, golden["cases"][case]["item"])
    assert uniform == {"user": 0, "item": 0}


def losses(golden, model, graph):
    weights = {term: golden[f"{term}_weight"] for term in TERMS}
    found = golden.losses(model, graph, golden.objective("lgmrec", **weights))
    assert set(found) == {"bpr", *TERMS}
    return found


@pytest.mark.parametrize("case", CASES)
def test_losses_and_how_far_each_reaches(golden, graph, build, agree, grad_norms, case):
    numbers, model = golden["cases"][case], build(case)
    found = losses(golden, model, graph)
    agree(sum(found.values()), numbers["loss"]["total"])
    assert grad_norms(sum(found.values()), model, NAMES) == pytest.approx(numbers["grad_norm"]["total"], abs=1e-5)
    for term, weight in {"bpr": 1.0, **{term: golden[f"{term}_weight"] for term in TERMS}}.items():
        agree(found[term] / weight, numbers["loss"][term])
        norms = grad_norms(found[term] / weight, model, NAMES)
        assert norms == pytest.approx(numbers["grad_norm"][term], abs=1e-5)


@pytest.mark.parametrize("side", ["user", "item"])
def test_contrast_of_each_side(golden, graph, build, agree, side):
    objective = golden.objective("lgmrec", hcl=1.0)
    objective.terms["hcl"].nodes = side
    found = golden.losses(build("ui2_hyper1_stored"), graph, objective)
    agree(found["hcl"], golden["cases"]["ui2_hyper1_stored"]["loss"][f"hcl_{side}"])


@pytest.mark.parametrize("case", WITH_GRADIENTS)
def test_gradients(golden, graph, build, agree, case):
    model = build(case)
    sum(losses(golden, model, graph).values()).backward()
    for theirs, ours in NAMES.items():
        agree(model.get_parameter(ours).grad, golden["cases"][case]["grad"][theirs])
