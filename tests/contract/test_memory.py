"""What ranking holds beside parameters, data and the encoding, for every model."""

import pytest
import torch

from mmgraph.nn.common import row_blocks
from tests.contract.conftest import MODELS, small_parts
from tests.largest import Largest

NUM_ITEMS, FEAT_DIM = 700, 1024
SIZES = [f"dataset.num_items={NUM_ITEMS}", "dataset.num_users=400", "loader.batch_size=64"]
OF_MODEL = {"diffmm": ["model.hidden_dim=64"]}  # what it multiplies its hidden units by is no feature


@pytest.mark.parametrize("name", MODELS)
def test_encoding_without_gradients_makes_nothing_as_large_as_the_features(name, monkeypatch):
    """Neither a copy of them, nor anything else that grows with items x features."""
    monkeypatch.setattr(row_blocks, "BLOCK_ROWS", 64)
    parts = small_parts(name, *SIZES, *OF_MODEL.get(name, []), modalities=f"{{image: {FEAT_DIM}, text: {FEAT_DIM}}}")
    parts.model.fit_closed_form(parts.graph)
    parts.model.eval()
    stored = [value for store in parts.graph.stores for value in store.values() if isinstance(value, torch.Tensor)]
    with torch.no_grad(), Largest([*stored, *parts.model.state_dict().values()]) as seen:
        parts.model(parts.model.inference_graph(parts.graph))
    assert seen.bytes < 4 * NUM_ITEMS * FEAT_DIM, seen.made_by
