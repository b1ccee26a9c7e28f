"""Features that are trained."""

import torch

from mmgraph.nn import FeatureTables


def test_they_start_from_the_features_and_come_back_to_them():
    features = {"image": torch.randn(3, 2), "text": torch.randn(3, 4)}
    tables = FeatureTables(features, trainable=True)
    assert list(tables) == ["image", "text"]
    with torch.no_grad():
        tables["text"].add_(1)
    assert not torch.equal(tables["text"], features["text"])
    tables.reset_parameters()
    assert torch.equal(tables["text"], features["text"])


def test_features_that_are_not_trained_are_no_parameters():
    assert not list(FeatureTables({"text": torch.ones(3, 2)}, trainable=False).parameters())
