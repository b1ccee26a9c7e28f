"""LGMRec against its equations, written densely; the authors' own numbers are in test_golden_lgmrec.py."""

import pytest
import torch
import torch.nn.functional as F
from omegaconf import OmegaConf

from mmgraph.losses import InfoNCE
from mmgraph.models import LGMRec
from mmgraph.typing import Triplets
from tests.conftest import adjacency, bipartite_graph, propagated
from tests.models.conftest import CONF

ALL = ("collaborative", "modal", "global")
PARTS = [ALL, ("collaborative",), ("global",), ("modal", "global"), ("collaborative", "global"), ALL[:2]]


def expected_vectors(model, graph, parts, shared):
    """Eq. 2 to 13 with L = 2, K = 1, H = 1 and no noise."""
    dense, total, glob = adjacency(graph), [0.0, 0.0], [0.0, 0.0]
    start = model.table.get("item", None)
    if "collaborative" in parts:
        layers = propagated(graph, model.table["user"], model.table["item"], 2)
        total = [sum(side) / 3 for side in zip(*layers, strict=True)]
        start = total[1]
    for name in ("image", "text"):
        x = graph["item"][f"x_{name}"]
        if "modal" in parts:
            item = x @ model.modal.project.modality[name].weight.T
            user = model.table["user"] if shared else dense @ item / dense.sum(1, keepdim=True)
            last = propagated(graph, user, item, 1)[-1]
            total = [side + F.normalize(more) for side, more in zip(total, last, strict=True)]
        if "global" in parts:
            logits = x @ model.hyperedge[name]
            of_item, of_user = (torch.softmax(h / 0.2, dim=1) for h in (logits, dense @ logits))
            glob = [glob[0] + of_user @ (of_item.T @ start), glob[1] + of_item @ (of_item.T @ start)]
    if "global" in parts:
        total = [side + 0.3 * F.normalize(more) for side, more in zip(total, glob, strict=True)]
    return tuple(total)


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("parts", PARTS, ids="+".join)
def test_equals_its_equations(graph, parts, shared):
    if shared and "modal" not in parts:
        pytest.skip("nothing to share")
    model = LGMRec(graph, emb_dim=4, num_modal_layers=1, parts=parts, shared_user_ids=shared).eval()
    encoding = model(graph)
    expected = expected_vectors(model, graph, parts, shared)
    torch.testing.assert_close((encoding.user, encoding.item), expected, atol=1e-5, rtol=1e-5)


def test_without_local_graphs_the_free_vectors_stay(graph):
    """w/o LGE of Table 3: user 0 is its free vector and what its hyperedges say, in two modalities."""
    words = OmegaConf.load(CONF / "ablation" / "lgmrec-without_lge.yaml").model
    model = LGMRec(graph, emb_dim=4, **words).eval()
    dense, user, item = adjacency(graph), model.table["user"], model.table["item"]
    glob = 0
    for name in ("image", "text"):
        logits = graph["item"][f"x_{name}"] @ model.hyperedge[name]
        of_item, of_user = (torch.softmax(h / 0.2, dim=1) for h in (logits, dense @ logits))
        glob = glob + of_user @ (of_item.T @ item)
    torch.testing.assert_close(model(graph).user, user + 0.3 * F.normalize(glob), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("parts", PARTS, ids="+".join)
def test_a_part_left_out_leaves_no_parameter_behind(graph, parts):
    model = LGMRec(graph, parts=parts).eval()
    encoding = model(graph)
    (encoding.user.square().sum() + encoding.item[:, 0].sum()).backward()
    assert not [key for key, parameter in model.named_parameters() if parameter.grad is None]


def test_contrast_asks_nothing_of_one_modality_or_no_global_part(graph):
    term, one = InfoNCE("hyper.*", "hyper.*", tau=0.2), torch.tensor([0])
    only_audio = bipartite_graph(modalities=("audio",))
    for model, data in ((LGMRec(graph, parts=ALL[:2]), graph), (LGMRec(only_audio), only_audio)):
        assert term(model, model(data), Triplets(one, one, one)) == 0
    model = LGMRec(graph)
    assert term(model, model(graph), Triplets(one, one, one)) > 0


def test_evaluation_is_repeatable_unless_asked_otherwise(graph):
    for eval_noise in (False, True):
        model = LGMRec(graph, eval_noise=eval_noise).eval()
        assert torch.equal(model(graph).user, model(graph).user) is not eval_noise


def test_without_modalities_only_its_collaborative_part_can_be_built(graph):
    bare = bipartite_graph(modalities=())
    assert LGMRec(bare, parts=["collaborative"])(bare).item.shape == (9, 64)
    for parts in (ALL, ALL[::2]):
        with pytest.raises(ValueError, match="at least one modality"):
            LGMRec(bare, parts=parts)


@pytest.mark.parametrize("parts", [[], ["modal", "locale"]])
def test_unknown_parts_are_named(graph, parts):
    with pytest.raises(ValueError, match="must be some of collaborative, modal, global"):
        LGMRec(graph, parts=parts)
