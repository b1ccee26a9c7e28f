"""LLMRec computes what its authors' code computes where nothing is masked (tests/golden/README.md)."""

import pytest
import torch

from mmgraph.losses.views import all_views
from mmgraph.models import LLMRec
from mmgraph.transforms import Augmentation, add_augmentation

GOLDEN_FILE = "llmrec"
TABLES = {"user": "user_table", "item": "item_table"}
SHARED = {
    f"project_{name}_{part}": f"project.modality.{name}.{part}"
    for name in ("image", "text")
    for part in ("weight", "bias")
}
SHARED |= {f"project_profile_{part}": f"project_profile.modality.profile.{part}" for part in ("weight", "bias")}

pytestmark = pytest.mark.usefixtures("in_double")


@pytest.fixture
def graph(golden):
    said = {name: torch.tensor(x) for name, x in golden["attributes"].items()}
    pairs = torch.tensor([golden["pairs"][key] for key in ("user", "liked", "disliked")])
    return add_augmentation(golden.graph(merge=False), Augmentation(torch.tensor(golden["profile"]), said, pairs))


@pytest.fixture
def model(golden, graph):
    model = LLMRec(graph, emb_dim=golden["problem"]["dim"], mask_rate=0)
    weights = golden["weights"]
    known = {ours: torch.tensor(weights[theirs]) for theirs, ours in (TABLES | SHARED).items()}
    for name in golden["attributes"]:  # one projection for all of them there
        for part in ("weight", "bias"):
            known[f"project_attribute.modality.{name}.{part}"] = torch.tensor(weights[f"project_attribute_{part}"])
    assert all(key.startswith("decode") for key in model.load_state_dict(known, strict=False).missing_keys)
    return model


def test_vectors_sent_and_final(golden, graph, model, agree):
    case, encoding = golden["cases"]["code"], model(graph)
    agree(encoding.user, case["user"])
    agree(encoding.item, case["item"])
    for side in ("user", "item"):
        agree(all_views(encoding)["profile"][side], case["profile"][side])
        for name, sent in case["attribute"].items():
            agree(all_views(encoding)[f"attribute.{name}"][side], sent[side])


def test_losses_prune_what_the_code_prunes_and_gradients(golden, graph, model, agree):
    """Guessed triplets of the batch's users count, a third one of another user does not."""
    case, weights = golden["cases"]["code"], golden["loss_weights"]
    objective = golden.objective("llmrec", **weights, reg=0, restore=0)
    losses = golden.losses(model, graph, objective)
    for term, weight in weights.items():
        agree(losses[term] / weight, case["loss"][term])
    sum(losses.values()).backward()
    for theirs, ours in (TABLES | SHARED).items():
        agree(model.get_parameter(ours).grad, case["grad"][theirs])
    for part in ("weight", "bias"):
        grads = [model.get_parameter(f"project_attribute.modality.{name}.{part}").grad for name in golden["attributes"]]
        agree(sum(grads), case["grad"][f"project_attribute_{part}"])
