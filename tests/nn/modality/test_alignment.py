"""Eq. 9-10 of NSMAR+ by hand."""

import pytest
import torch

from mmgraph.nn import MatrixAlignment, SharedAlignment


@pytest.mark.parametrize(
    ("residual", "text", "image"), [(True, [4.98, 9.0], [5.0, 5.0]), (False, [3.98, 7.0], [4.0, 3.0])]
)
def test_each_modality_has_its_layer_and_all_share_the_last(residual, text, image):
    """text (1, 2): W gives (3, -2), LeakyReLU (3, -0.02), shared (3 - 0.02 + 1, 6 + 1), and (1, 2) itself beside it."""
    align = SharedAlignment(["image", "text"], emb_dim=2, stretch=True, residual=residual)
    align.load_state_dict(
        {
            "modality.image.weight": torch.eye(2),
            "modality.image.bias": torch.zeros(2),
            "modality.text.weight": torch.tensor([[1.0, 1.0], [0.0, -1.0]]),
            "modality.text.bias": torch.zeros(2),
            "shared.weight": torch.tensor([[1.0, 1.0], [2.0, 0.0]]),
            "shared.bias": torch.ones(2),
        }
    )
    aligned = align({"image": torch.tensor([[1.0, 2.0]]), "text": torch.tensor([[1.0, 2.0]])})
    torch.testing.assert_close(aligned["text"], torch.tensor([text]))
    torch.testing.assert_close(aligned["image"], torch.tensor([image]))


def test_nsmar_has_one_matrix_for_each_modality():
    align = MatrixAlignment(["a", "b"], emb_dim=2, stretch=True)
    x = torch.tensor([[1.0, 2.0]])
    assert torch.equal(align({"a": x})["a"], x), "it starts from where the modality is"
    align.load_state_dict(
        {"modality.a.weight": torch.eye(2) * 2, "modality.b.weight": torch.tensor([[0.0, 1], [1, 0]])}
    )
    aligned = align({"a": torch.tensor([[1.0, 2.0]]), "b": torch.tensor([[1.0, 2.0]])})
    assert aligned["a"].tolist() == [[2.0, 4.0]]
    assert aligned["b"].tolist() == [[2.0, 1.0]]


@pytest.mark.parametrize("aligner", [SharedAlignment, MatrixAlignment])
def test_vectors_are_turned_and_keep_their_lengths(aligner):
    torch.manual_seed(0)
    x = {"a": torch.randn(5, 4), "b": torch.randn(5, 4)}
    turning, stretching = aligner(x, emb_dim=4), aligner(x, emb_dim=4, stretch=True)
    for module in (turning, stretching):
        torch.manual_seed(1)
        for parameter in module.parameters():
            torch.nn.init.normal_(parameter)
    turned, stretched = turning(x), stretching(x)
    for name in x:
        torch.testing.assert_close(turned[name].norm(dim=1), x[name].norm(dim=1))
        cosine = torch.nn.functional.cosine_similarity(turned[name], stretched[name])
        torch.testing.assert_close(cosine, torch.ones(5))
