import numpy as np
import torch
import torch.nn.functional as F

from mmgraph.nn.common.row_blocks import BLOCK_ROWS
from mmgraph.nn.modality.streamed_linear import streamed_linear


def test_a_file_of_half_floats_is_projected_as_it_is_in_memory(tmp_path):
    x = np.random.default_rng(0).standard_normal((BLOCK_ROWS + 5, 7)).astype(np.float16)
    np.save(tmp_path / "x.npy", x)
    mapped = torch.from_numpy(np.load(tmp_path / "x.npy", mmap_mode="c"))
    weights = [torch.linspace(-1, 1, 21).reshape(3, 7).requires_grad_() for _ in range(2)]
    found = streamed_linear(mapped, weights[0])
    expected = F.linear(torch.from_numpy(x).float(), weights[1])
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-6)
    direction = torch.randn(found.shape, generator=torch.Generator().manual_seed(0))
    for out in (found, expected):
        out.backward(direction)
    torch.testing.assert_close(weights[0].grad, weights[1].grad, atol=1e-4, rtol=1e-6)


def test_gradients_in_float64():
    x = torch.randn(4, 3, dtype=torch.float64)
    weight = torch.randn(2, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda w: streamed_linear(x, w), [weight])
