"""BM3 computes what its authors' code computes (tests/golden/README.md)."""

import pytest
import torch

from mmgraph.losses.views import all_views
from mmgraph.models import BM3

GOLDEN_FILE = "bm3"
CASES = ["layers1", "layers2"]
NAMES = {"user": "user_table", "item": "item_table"} | {
    theirs.format(m): ours.format(m)
    for m in ("image", "text")
    for theirs, ours in (
        ("feature_{}", "features.{}"),
        ("projection_{}_weight", "project.modality.{}.weight"),
        ("projection_{}_bias", "project.modality.{}.bias"),
        ("predictor_weight", "predictor.weight"),
        ("predictor_bias", "predictor.bias"),
    )
}
TERMS = {"rec": ("user", "item"), "modal": ("align", "mask"), "reg": ("reg",)}

pytestmark = pytest.mark.usefixtures("in_double")


@pytest.fixture
def graph(golden):
    return golden.graph(merge=False)


@pytest.fixture
def build(golden, graph, monkeypatch):
    kept = iter(["user", "item", "image", "text"])

    monkeypatch.setattr(BM3, "_kept", lambda self, x: torch.tensor(golden["kept"][next(kept)]))

    def model(case):
        dim, depth = golden["problem"]["dim"], golden["cases"][case]["num_layers"]
        built = BM3(graph, emb_dim=dim, num_layers=depth, dropout=golden["dropout"])
        golden.load(built, NAMES)
        return built

    return model


@pytest.mark.parametrize("case", CASES)
def test_vectors_and_scores(golden, graph, build, agree, case):
    numbers, model = golden["cases"][case], build(case).eval()
    encoding = model(graph)
    for side in ("user", "item"):
        agree(all_views(encoding)["graph"][side], numbers["graph"][side])
        agree(getattr(encoding, side), numbers[side])
    agree(model.score(encoding, torch.arange(golden["problem"]["num_users"])), numbers["scores"])


@pytest.mark.parametrize("case", CASES)
def test_losses_and_gradients(golden, graph, build, agree, case):
    numbers, model = golden["cases"][case], build(case)
    weights = {"rec": 1.0, "modal": golden["modal_weight"], "reg": golden["reg_weight"]}
    objective = golden.objective("bm3", align=weights["modal"], reg=weights["reg"])
    found = golden.losses(model, graph, objective)
    assert sorted(found) == sorted(name for names in TERMS.values() for name in names)
    for term, names in TERMS.items():
        agree(sum(found[name] for name in names) / weights[term], numbers["loss"][term])
    total = sum(found.values())
    agree(total, numbers["loss"]["total"])
    total.backward()
    for theirs, ours in NAMES.items():
        agree(model.get_parameter(ours).grad, numbers["grad"][theirs])
