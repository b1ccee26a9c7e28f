"""LATTICE computes what its authors' code computes (tests/golden/README.md)."""

import pytest
import torch

from mmgraph.models import LATTICE
from tests.models.conftest import LATENT_GRAPH_NAMES, item_graphs

GOLDEN_FILE = "lattice.json"
CASES = ["ui2_items1", "ui1_items2", "ui3_items1"]
NAMES = {"user": "user_table", "item": "item_table", "modal_weight": "attention.logit"} | LATENT_GRAPH_NAMES

pytestmark = pytest.mark.usefixtures("in_double")


@pytest.fixture
def graph(golden):
    return item_graphs(golden)


@pytest.mark.parametrize("name", ["image", "text"])
def test_initial_item_graphs(golden, graph, agree, name):
    store, size = graph["item", f"{name}_knn", "item"], golden["problem"]["num_items"]
    neighbor, item = store.edge_index
    agree(torch.zeros(size, size).index_put((item, neighbor), store.edge_weight), golden["knn"][name])


@pytest.mark.parametrize("case", CASES)
def test_vectors_scores_losses_and_gradients(golden, graph, same_as, agree, case):
    numbers, problem = golden["cases"][case], golden["problem"]
    settings = {key: numbers[key] for key in ("num_layers", "num_item_layers", "initial_share")}
    model = LATTICE(graph, emb_dim=problem["dim"], knn_k=problem["knn_k"], **settings)
    golden.load(model, NAMES)
    encoding = same_as(numbers, model, model.training_graph(graph, 0), "lattice", NAMES)
    agree(model.score(encoding, torch.arange(problem["num_users"])), numbers["scores"])
