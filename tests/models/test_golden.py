"""Models compute what their authors' code computes: every row of the golden table (tests/golden/README.md).

What a file holds beside vectors, views, scores, losses and gradients is compared in the test_golden_<model>.py.
"""

import pytest
import torch

from mmgraph.losses.views import all_views
from tests.models.conftest import read_golden
from tests.models.golden_table import ROWS, item_graphs, oriented

CASES = [pytest.param(row, case, id=f"{row.file}-{case}") for row in ROWS for case in row.cases]

pytestmark = pytest.mark.usefixtures("in_double")


@pytest.mark.parametrize(("row", "case"), CASES)
def test_vectors_views_losses_and_gradients(row, case, agree, monkeypatch):
    golden = read_golden(row.file)
    numbers = golden["cases"][case]
    left = row.patch(golden, case, monkeypatch)
    model = row.build(golden, case)
    encoding = model(row.drawn(golden, numbers, model, row.graph(golden)))
    assert next(left, None) is None, "all that is drawn is used"
    agree(encoding.user, numbers["user"])
    agree(encoding.item, numbers["item"])
    for view, sides in row.views(numbers).items():
        for side, expected in sides.items():
            agree(all_views(encoding)[view][side], expected)
    weights = golden["loss_weights"]
    losses = golden.objective(row.file, **weights)(model, encoding, golden.batch(), group="main")
    for term, weight in weights.items():
        agree(losses[term] / weight, numbers["loss"][term])
    total = sum(losses.values())
    agree(total, numbers["loss"]["total"])
    grads = torch.autograd.grad(total, [model.get_parameter(ours.removesuffix(".T")) for ours in row.names.values()])
    for (theirs, ours), grad in zip(row.names.items(), grads, strict=True):
        agree(grad, oriented(numbers["grad"][theirs], ours))


@pytest.mark.parametrize(
    ("row", "case"),
    [param for param in CASES if "scores" in read_golden(param.values[0].file)["cases"][param.values[1]]],
)
def test_scores_are_those_of_all_edges(row, case, agree):
    golden = read_golden(row.file)
    model = row.build(golden, case)
    users = torch.arange(golden["problem"]["num_users"])
    encoding = model(model.inference_graph(row.graph(golden)))
    agree(model.score(encoding, users), golden["cases"][case]["scores"])


@pytest.mark.parametrize("row", [pytest.param(row, id=row.file) for row in ROWS if row.taus])
def test_temperatures(row):
    golden = read_golden(row.file)
    terms = golden.objective(row.file).terms
    assert {terms[name].tau for name in row.taus} == {golden["tau"]}


@pytest.mark.parametrize("name", ["image", "text"])
@pytest.mark.parametrize("row", [pytest.param(row, id=row.file) for row in ROWS if row.graph is item_graphs])
def test_item_graphs(row, name, agree):
    golden = read_golden(row.file)
    store = item_graphs(golden)["item", f"{name}_knn", "item"]
    size = golden["problem"]["num_items"]
    neighbor, item = store.edge_index
    agree(torch.zeros(size, size).index_put((item, neighbor), store.edge_weight), golden["knn"][name])
