"""MMGCN computes what its authors' code computes, with what that code leaves untrained (tests/golden/README.md)."""

import pytest
import torch

from mmgraph.models import MMGCN

GOLDEN_FILE = "mmgcn.json"
NAMES = {"user": "user_table", "item": "item_table"}
NAMES |= {f"project_image_{part}": f"project.image.{part}" for part in ("weight", "bias")}
for name in ("image", "text"):
    NAMES[f"preference_{name}"] = f"preference.{name}"
    for k in range(3):
        NAMES[f"message_{name}_{k}"] = f"layers.{name}.{k}.message.weight"
        NAMES |= {
            f"{block}_{name}_{k}_{part}": f"layers.{name}.{k}.{block}.{part}"
            for block in ("own", "combine")
            for part in ("weight", "bias")
        }

pytestmark = pytest.mark.usefixtures("in_double")


@pytest.mark.parametrize("combine", ["concat", "sum"])
def test_vectors_scores_losses_and_gradients(golden, same_as, agree, combine):
    numbers, graph = golden["cases"][combine], golden.graph(merge=False)
    model = MMGCN(graph, emb_dim=golden["problem"]["dim"], hidden_dim=golden["hidden_dim"], combine=combine)
    model.load_state_dict({ours: torch.tensor(numbers["weights"][theirs]) for theirs, ours in NAMES.items()})
    encoding = same_as(numbers, model, graph, "mmgcn", NAMES)
    agree(model.score(encoding, torch.arange(golden["problem"]["num_users"])), numbers["scores"])
