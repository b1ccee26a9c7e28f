import pytest
import torch

from mmgraph.nn import ModalitySelfAttention


def test_equals_the_equation_written_node_by_node():
    attention, x = ModalitySelfAttention(4, 2), {name: torch.randn(3, 4) for name in "abc"}
    for node in range(3):
        outputs = []
        for asking in x.values():
            heads = []
            for head in (slice(0, 2), slice(2, 4)):
                query = attention.query(asking[node])[head]
                logits = torch.stack([query @ attention.key(other[node])[head] for other in x.values()]) / 2**0.5
                share = logits.softmax(0)
                heads.append(sum(weight * other[node] for weight, other in zip(share, x.values(), strict=True)))
            outputs.append(attention.out(torch.cat(heads)))
        torch.testing.assert_close(attention(x)[node], sum(outputs) / 3)


def test_heads_share_the_vector():
    with pytest.raises(ValueError, match="emb_dim=5 must be a multiple of num_heads=2"):
        ModalitySelfAttention(5, 2)
