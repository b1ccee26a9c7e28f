import pytest
import torch
from torch.nn.functional import normalize
from torch.testing import assert_close

from mmgraph.nn import WeighedFeatures, modality_numbers


def unit(x, mean):
    return normalize(x - mean, dim=-1)


def test_modalities_stand_beside_each_other():
    x = {"image": torch.randn(5, 3), "text": torch.randn(5, 4), "audio": torch.randn(5, 2)}
    features = WeighedFeatures.of(x, {}, {"image": 4.0, "text": 1.0})
    joined = torch.cat([2 * unit(x["image"], x["image"].mean(0)), unit(x["text"], x["text"].mean(0))], dim=1)
    assert_close(features.joined(), joined)
    assert_close(features.add_products_(torch.zeros(5, 5), features), joined @ joined.T)


def test_further_items_are_centred_as_the_first():
    x, later = torch.randn(5, 3), torch.randn(2, 3)
    features = WeighedFeatures.of({"text": x}, {}, 2.0)
    others = features.further({"text": later}, {"text": torch.tensor([True, False])})
    expected = 2 * unit(x, x.mean(0)) @ unit(later, x.mean(0)).T
    expected[:, 1] = 0
    assert_close(features.add_products_(torch.zeros(5, 2), others), expected)


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ({"txt": 1}, "weight names 'txt', and the items' modalities are image, text"),
        ({"text": -1}, r"weight must be at least 0 for every modality; got {'text': -1}"),
        (float("nan"), "weight must be at least 0"),
    ],
)
def test_weights_that_are_none(weight, message):
    with pytest.raises(ValueError, match=message):
        modality_numbers(weight, ["image", "text"])
