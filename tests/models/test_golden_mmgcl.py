"""MMGCL computes what its first author's code computes, on one version of the input (tests/golden/README.md)."""

import pytest
import torch
from torch.nn.functional import normalize

from mmgraph.losses import BPR, InBatchNCE
from mmgraph.losses.views import all_views
from mmgraph.models import MMGCL
from mmgraph.transforms import add_interactions, keep_interactions

GOLDEN_FILE = "mmgcl"
TEXT = 2  # the part that is exchanged there: ids, image, text
NAMES = {"user": "user_table", "item": "item_table"}
NAMES |= {
    f"{name}_{part}": f"encoder.{ours}.{part}"
    for part in ("weight", "bias")
    for name, ours in {
        "project_image": "project.modality.image",
        "project_text": "project.modality.text",
        "join_user": "join_user",
        "join_item": "join_item",
    }.items()
}

pytestmark = pytest.mark.usefixtures("in_double")


@pytest.fixture
def case(golden):
    return golden["cases"]["code"]


@pytest.fixture
def altered(golden, case):
    """The stored draw of edges; what masks the other version is not read here."""
    graph = golden.graph(merge=False)
    altered = add_interactions(graph, keep_interactions(graph, torch.tensor(case["kept"])), relation="kept")
    altered.masked_part, altered.swapped_part = 1, TEXT
    for side in ("user", "item"):
        altered[side].mask = torch.zeros(graph[side].num_nodes, golden["problem"]["dim"])
    return altered


@pytest.fixture
def model(golden, altered):
    model = MMGCL(altered, emb_dim=golden["problem"]["dim"])
    golden.load(model, NAMES)
    return model


def test_vectors_of_the_input_and_of_the_version_without_some_interactions(golden, case, model, altered, agree):
    encoding, batch = model(altered), golden.batch()
    agree(encoding.user, case["user"])
    agree(encoding.item, case["item"])
    version, part = all_views(encoding)["view.edge"], all_views(encoding)["part.edge"]["item"]
    agree(normalize(version["user"][batch.user]), case["version"]["user"])
    agree(normalize(version["item"][batch.pos_item]), case["version"]["item"])
    exchanged = version["item"][batch.pos_item] - part[batch.pos_item] + part[batch.neg_item]
    agree(normalize(exchanged), case["challenging"])


def test_losses_and_gradients(golden, case, model, altered, agree):
    encoding, weights = model(altered), golden["loss_weights"]
    contrast = InBatchNCE("view.edge", "view.edge", anchor_row="user", positive_row="pos_item", tau=0.2)
    losses = {name: term(model, encoding, golden.batch()) for name, term in {"bpr": BPR(), "user": contrast}.items()}
    total = sum(weights[name] * loss for name, loss in losses.items())
    for name, loss in {**losses, "total": total}.items():
        agree(loss, case["loss"][name])
    total.backward()
    for theirs, ours in NAMES.items():
        agree(model.get_parameter(ours).grad, case["grad"][theirs])
