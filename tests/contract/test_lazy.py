"""Every model that may be trained on samples learns the same whether rows move when they are met, or in every step."""

import pytest
import torch

from tests.contract.conftest import TRAINED, small_parts
from tests.contract.test_scale import NEED_FULL_GRAPH

EPOCHS = 2
DECAY = {"mmgcl", "slmrec"}  # their authors' weight decay moves rows in no closed form


def trained(name, lazy):
    words = ["loader=neighbor", "loader.batch_size=64", f"trainer.lazy_rows={lazy}", f"trainer.max_epochs={EPOCHS}"]
    words += ["trainer.optimizer.weight_decay=0"] if name in DECAY else []
    parts = small_parts(name, *words, modalities="{text: 8}")
    parts.trainer.verbose = False
    fit = parts.trainer.fit(parts.model, parts.objective, parts.graph, parts.loader, evaluator=parts.evaluator)
    return fit.history, parts.model.state_dict()


@pytest.mark.parametrize("name", sorted(set(TRAINED) - NEED_FULL_GRAPH))
def test_rows_that_move_when_they_are_met_end_where_adam_moves_them(name):
    (lazy, lazy_weights), (plain, plain_weights) = (trained(name, word) for word in ("true", "false"))
    for ours, theirs in zip(lazy, plain, strict=True):
        losses = [key for key in theirs if key.startswith("loss/")]
        assert {key: ours[key] for key in losses} == pytest.approx({key: theirs[key] for key in losses}, rel=1e-5)
    for key, weight in plain_weights.items():
        torch.testing.assert_close(lazy_weights[key], weight, rtol=0, atol=1e-4)
