import pytest
import torch
import torch.nn.functional as F

from mmgraph.nn import ModalityProjection, feature_dims
from mmgraph.nn.common import row_blocks

FEATURES = {"image": torch.randn(5, 7), "speech": torch.randn(5, 2)}


def test_linear_and_perceptron_are_what_they_say():
    linear = ModalityProjection(feature_dims(FEATURES), emb_dim=3)
    layer = linear.modality["image"]
    torch.testing.assert_close(linear(FEATURES)["image"], FEATURES["image"] @ layer.weight.T + layer.bias)
    deep = ModalityProjection(feature_dims(FEATURES), emb_dim=3, hidden_dim=6)
    first, _, second = deep.modality["speech"]
    expected = second(F.leaky_relu(first(FEATURES["speech"]), 0.01))
    torch.testing.assert_close(deep(FEATURES)["speech"], expected)
    assert first.out_features == 6


def test_keeps_full_precision_behind_bf16_products():
    project = ModalityProjection(feature_dims(FEATURES), emb_dim=3)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert project(FEATURES)["image"].dtype == torch.float32


@pytest.mark.parametrize("settings", [{}, {"hidden_dim": 48}, {"normalize": True}, {"hidden_dim": 48, "bias": False}])
@pytest.mark.parametrize("num_items", [8192 + 1, 3 * 4096 - 7])
def test_without_gradients_the_blocks_give_the_same_bits(settings, num_items):
    features = {"image": torch.randn(num_items, 40), "text": torch.randn(num_items, 24)}
    project = ModalityProjection(feature_dims(features), emb_dim=16, **settings)
    plain = project(features)
    with torch.no_grad():
        found = project(features)
    assert num_items > row_blocks.BLOCK_ROWS
    for name, z in plain.items():
        assert z.requires_grad
        assert torch.equal(found[name], z), name


def test_normalised_features_have_length_one_before_the_map():
    project = ModalityProjection(feature_dims(FEATURES), emb_dim=3, normalize=True)
    layer = project.modality["image"]
    expected = F.normalize(FEATURES["image"], dim=-1) @ layer.weight.T + layer.bias
    torch.testing.assert_close(project(FEATURES)["image"], expected)


def test_no_modality_and_a_missing_one_are_errors():
    with pytest.raises(ValueError, match="at least one modality"):
        ModalityProjection({}, emb_dim=3)
    with pytest.raises(KeyError, match="lacks the modalities"):
        ModalityProjection(feature_dims(FEATURES), emb_dim=3)({"image": FEATURES["image"]})
