"""NCL computes what its authors' code computes (tests/golden/README.md)."""

import pytest
import torch

from mmgraph.losses.views import all_views
from mmgraph.models import NCL

GOLDEN_FILE = "ncl.json"

pytestmark = pytest.mark.usefixtures("in_double")


@pytest.mark.parametrize("case", ["layers3_structure2", "layers1_structure2", "layers2_structure4"])
def test_vectors_losses_and_gradients(golden, same_as, agree, monkeypatch, case):
    numbers, graph, clusters = golden["cases"][case], golden.graph(merge=False), golden["clusters"]
    found = iter([tuple(torch.tensor(clusters[side][key]) for key in ("centroid", "cluster")) for side in clusters])
    monkeypatch.setattr("mmgraph.models.ncl.kmeans", lambda *_, **__: next(found))
    layers = {"num_layers": numbers["num_layers"], "structure_layer": numbers["structure_layer"]}
    model = NCL(graph, emb_dim=golden["problem"]["dim"], num_clusters=5, warm_up=0, **layers)
    golden.load(model, {"user": "user_table", "item": "item_table"})
    encoding = same_as(numbers, model, model.training_graph(graph, 0), "ncl")
    for side, expected in numbers["structure"].items():
        agree(all_views(encoding)["structure"][side], expected)


def test_temperature_and_order_of_sides(golden):
    terms = golden.objective("ncl").terms
    assert {terms[name].tau for name in ("structure_user", "structure_item", "prototype")} == {golden["tau"]}
    assert list(golden["clusters"]) == ["user", "item"]
