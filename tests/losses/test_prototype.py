import math

import pytest
import torch
from torch.nn import functional as F

from mmgraph.losses import PrototypeNCE
from mmgraph.typing import Encoding, Triplets

CLUSTER = {"user": torch.tensor([0, 2, 1, 1, 0]), "item": torch.tensor([1, 1, 0, 0, 1, 0, 1])}


@pytest.fixture
def clustered(encoding):
    centroid = {"user": torch.randn(3, 3), "item": torch.randn(2, 3)}
    return encoding._replace(views={"ego": encoding.views["ego.image"], "cluster": CLUSTER, "centroid": centroid})


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_is_cross_entropy_over_centroids_by_cosine(model, clustered, batch, reduction):
    """Users and positives that are twice in the batch count twice."""
    expected = 0.0
    for side, rows in (("user", batch.user), ("item", batch.pos_item)):
        x, centroid = clustered.views["ego"][side][rows], clustered.views["centroid"][side]
        logits = F.cosine_similarity(x[:, None], centroid[None], dim=-1) / 0.3
        expected = expected + F.cross_entropy(logits, CLUSTER[side][rows], reduction=reduction)
    value = PrototypeNCE("ego", tau=0.3, reduction=reduction)(model, clustered, batch)
    torch.testing.assert_close(value, expected)
    tables = list(clustered.views["ego"].values())
    torch.testing.assert_close(torch.autograd.grad(value, tables), torch.autograd.grad(expected, tables))


def test_by_hand(model):
    """Two orthogonal centroids; the user points along its own, the item along the other one."""
    x, centroid = torch.tensor([[2.0, 0.0]]), torch.tensor([[3.0, 0.0], [0.0, 1.0]])
    views = {
        "ego": {"user": x, "item": x},
        "cluster": {"user": torch.tensor([0]), "item": torch.tensor([1])},
        "centroid": {"user": centroid, "item": centroid},
    }
    one = torch.tensor([0])
    value = PrototypeNCE("ego", tau=0.5)(model, Encoding(x, x, views), Triplets(one, one, one))
    assert value.item() == pytest.approx(math.log(1 + math.exp(-2)) + math.log(1 + math.exp(2)))


@pytest.mark.parametrize("missing", ["cluster", "centroid"])
def test_no_clusters_yet(model, clustered, batch, missing):
    views = {**clustered.views, missing: {}}
    assert PrototypeNCE("ego", tau=0.3)(model, clustered._replace(views=views), batch) == 0


def test_what_cannot_be(model, clustered, batch):
    with pytest.raises(ValueError, match="tau=0 must be above 0"):
        PrototypeNCE("ego", tau=0)
    with pytest.raises(ValueError, match="reduction='max' is not known"):
        PrototypeNCE("ego", tau=1, reduction="max")
    with pytest.raises(KeyError, match=r"no view matches 'groups'; the model gives"):
        PrototypeNCE("ego", tau=1, cluster="groups")(model, clustered, batch)
    bare = clustered._replace(views={**clustered.views, "cluster": {"user": CLUSTER["user"]}})
    with pytest.raises(KeyError, match="view 'cluster' has no 'item' rows"):
        PrototypeNCE("ego", tau=1)(model, bare, batch)
