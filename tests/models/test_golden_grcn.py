"""GRCN computes what its authors' code computes, as it is and with routing led to users (tests/golden/README.md)."""

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


def check(golden, same_as, case, num_routings):
    numbers, graph = golden["cases"][case], golden.graph(merge=False)
    settings = {"num_routings": num_routings, "prune": numbers["prune"]}
    model = GRCN(graph, emb_dim=golden["problem"]["dim"], content_dim=golden["content_dim"], **settings)
    golden.load(model, NAMES)
    same_as(numbers, model, graph, "grcn", NAMES)


@pytest.mark.parametrize("case", ["routings3", "routings1"])
def test_vectors_losses_and_gradients_with_edges_turned_round(golden, same_as, case):
    check(golden, same_as, case, golden["cases"][case]["num_routings"])


def test_the_code_as_it_is_routes_nobody(golden, same_as):
    """Its edges lead from the users, so that three routings reach none of them: ``num_routings=0`` here."""
    assert golden["cases"]["as_it_is"]["num_routings"] == 3
    check(golden, same_as, "as_it_is", 0)
