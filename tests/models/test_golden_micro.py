"""MICRO computes what its authors' code computes (tests/golden/README.md)."""

import pytest
import torch

from mmgraph.losses.views import all_views
from mmgraph.models import MICRO
from tests.models.conftest import LATENT_GRAPH_NAMES, item_graphs

GOLDEN_FILE = "micro.json"
CASES = ["ui2_items1", "ui1_items2", "ui3_items1"]
NAMES = {
    "user": "user_table",
    "item": "item_table",
    "query_hidden_weight": "attention.hidden.weight",
    "query_hidden_bias": "attention.hidden.bias",
    "query": "attention.query.weight",
} | LATENT_GRAPH_NAMES

pytestmark = pytest.mark.usefixtures("in_double")


@pytest.fixture
def graph(golden):
    return item_graphs(golden)


@pytest.mark.parametrize("case", CASES)
def test_vectors_scores_losses_and_gradients(golden, graph, same_as, agree, case):
    numbers, problem = golden["cases"][case], golden["problem"]
    settings = {key: numbers[key] for key in ("num_layers", "num_item_layers", "initial_share")}
    model = MICRO(graph, emb_dim=problem["dim"], knn_k=problem["knn_k"], **settings)
    golden.load(model, NAMES)
    encoding = same_as(numbers, model, model.training_graph(graph, 0), "micro", NAMES)
    agree(all_views(encoding)["fused"]["item"], numbers["fused"])
    for name in ("image", "text"):
        agree(all_views(encoding)[f"modal.{name}"]["item"], numbers["modal"][name])
    agree(model.score(encoding, torch.arange(problem["num_users"])), numbers["scores"])
