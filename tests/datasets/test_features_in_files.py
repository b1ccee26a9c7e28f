"""Features that stay in their files."""

import numpy as np
import pytest
import torch

from mmgraph.datasets import MMRecFolder, Shuffle


@pytest.fixture
def half(folder):
    """The same folder, with both modalities in half precision."""
    np.save(folder / "text_feat.npy", np.load(folder / "text_feat.npy").astype(np.float16))
    return folder


def test_features_are_those_of_the_files_and_nobody_can_change_these(half):
    before = (half / "text_feat.npy").read_bytes()
    mapped = MMRecFolder(half, mapped_features=True)
    item, plain = mapped[0]["item"], MMRecFolder(half)[0]["item"]
    assert (item.x_image.dtype, plain.x_image.dtype) == (torch.float16, torch.float32)
    assert torch.equal(item.x_text.float(), plain.x_text)
    item.x_text[0] = 7
    assert (half / "text_feat.npy").read_bytes() == before
    assert mapped.split_hash == MMRecFolder(half).split_hash
    further = np.array([[np.nan] * 3, [1, 2, 3]], dtype=np.float32)
    np.testing.assert_allclose(
        MMRecFolder(half, mapped_features=True).scale_features("text", further),
        MMRecFolder(half).scale_features("text", further),
        rtol=1e-6,
    )


def test_single_precision_is_mapped_too(half):
    np.save(half / "text_feat.npy", np.load(half / "text_feat.npy").astype(np.float32))
    assert MMRecFolder(half, mapped_features=True)[0]["item"].x_text.dtype == torch.float32


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"features": "l2"},
            r"mapped_features=true .* cannot be scaled: features=.*'image': \['l2'\].* give features=raw",
        ),
        ({"k_core": 2}, r"mapped_features=true reads row i as item i, and k_core=2 .* \(mmgraph-prepare"),
    ],
)
def test_what_would_write_into_features_is_refused(half, options, message):
    with pytest.raises(ValueError, match=message):
        MMRecFolder(half, mapped_features=True, **options)


def test_scaling_of_a_modality_that_is_not_read_does_not_matter(half):
    found = MMRecFolder(half, mapped_features=True, modalities=["text"], features={"image": "l2"})
    assert list(found.summary["modalities"]) == ["text"]


def test_controls_are_refused(half):
    with pytest.raises(ValueError, match="control changes them; set mapped_features=false"):
        MMRecFolder(half, mapped_features=True).controlled(Shuffle(seed=0))


def test_an_item_without_the_modality_is_refused(half):
    x = np.load(half / "text_feat.npy")
    x[3] = np.nan
    np.save(half / "text_feat.npy", x)
    with pytest.raises(ValueError, match=r"1 of 12 items lack text \(the first is row 3\)"):
        MMRecFolder(half, mapped_features=True)


@pytest.mark.parametrize("change", [lambda x: x.astype(np.float64), lambda x: np.asfortranarray(x)])
def test_what_cannot_be_read_as_it_lies_is_refused(half, change):
    np.save(half / "text_feat.npy", change(np.load(half / "text_feat.npy")))
    with pytest.raises(ValueError, match=r"text_feat.npy: is read as it lies .* float16 or float32, row by row, found"):
        MMRecFolder(half, mapped_features=True)


def test_a_value_that_is_not_finite_is_named(half):
    x = np.load(half / "text_feat.npy")
    x[2, 1] = np.inf
    np.save(half / "text_feat.npy", x)
    with pytest.raises(ValueError, match="row 2, column 1 is inf"):
        MMRecFolder(half, mapped_features=True)
