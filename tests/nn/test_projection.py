import pytest
import torch
import torch.nn.functional as F

from mmgraph.nn import ModalityProjection, feature_dims

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


def test_no_modality_and_a_missing_one_are_errors():
    with pytest.raises(ValueError, match="at least one modality"):
        ModalityProjection({}, emb_dim=3)
    with pytest.raises(KeyError, match="lacks the modalities"):
        ModalityProjection(feature_dims(FEATURES), emb_dim=3)({"image": FEATURES["image"]})
