"""Linear attention against its sum, written out."""

import pytest
import torch

from mmgraph.nn import linear_attention


@pytest.mark.parametrize("num_heads", [1, 2, 3])
def test_equals_its_sum_head_by_head(num_heads):
    query, key, value = torch.randn(4, 6), torch.randn(7, 6), torch.randn(7, 6)
    size = 6 // num_heads
    expected = torch.zeros(4, 6)
    for a in range(4):
        for i in range(7):
            for head in range(num_heads):
                part = slice(head * size, (head + 1) * size)
                expected[a, part] += query[a, part] @ key[i, part] * value[i, part]
    torch.testing.assert_close(linear_attention(query, key, value, num_heads=num_heads), expected)


def test_heads_that_do_not_divide():
    with pytest.raises(ValueError, match="num_heads=4 must divide the 6 dimensions"):
        linear_attention(torch.ones(1, 6), torch.ones(1, 6), torch.ones(1, 6), num_heads=4)
