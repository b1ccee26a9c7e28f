"""GRCN computes what its authors' code computes, with routing led to the users (tests/golden/README.md)."""

import pytest

from mmgraph.models import GRCN

GOLDEN_FILE = "grcn.json"
NAMES = {"user": "user_table", "item": "item_table"}
NAMES |= {f"confidence_{side}": f"confidence.{side}" for side in ("user", "item")}
NAMES |= {f"preference_{name}": f"preference.{name}" for name in ("image", "text")}
NAMES |= {
    f"project_{name}_{part}": f"project.modality.{name}.{part}"
    for name in ("image", "text")
    for part in ("weight", "bias")
}

pytestmark = pytest.mark.usefixtures("in_double")


@pytest.mark.parametrize("case", ["routings3", "routings1"])
def test_vectors_losses_and_gradients(golden, same_as, case):
    numbers, graph = golden["cases"][case], golden.graph(merge=False)
    settings = {name: numbers[name] for name in ("num_routings", "prune")}
    model = GRCN(graph, emb_dim=golden["problem"]["dim"], content_dim=golden["content_dim"], **settings)
    golden.load(model, NAMES)
    same_as(numbers, model, graph, "grcn", NAMES)
