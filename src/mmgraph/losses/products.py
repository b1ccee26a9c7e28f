"""Products of large matrices that use AVX-512 on AMD processors, too.

There MKL, which multiplies for torch, takes AVX2; oneDNN, which torch holds as well, asks the processor what it has. On
one core of a Zen 5: 103 and 242 GFLOP/s for 1,024 x 1,024 x 1,024 in float32.
"""

from functools import cache
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

_LEAST = 32
"""Rows, columns and summands from which oneDNN's products are faster."""

# It compiles anew for each shape and keeps the last thousand, .4 MiB each. Batches have another number of nodes every
# time: contrast among 2,000 nodes of a batch takes .9 of the time for 700 MiB more; a graph has one shape.
_LEAST_OF_LONGEST = 4_096
"""Rows, columns or summands, whichever are most, from which that is worth it."""


def product(
    left: Float[Tensor, "rows dim"],
    right: Float[Tensor, "columns dim"],
    out: Float[Tensor, "rows columns"] | None = None,
) -> Float[Tensor, "rows columns"]:
    """Left times the transpose of right.

    Args:
        left: any strides.
        right: any strides.
        out: where it may be written; what is returned may be another tensor.

    Shapes:
        ``(n, k)``, ``(m, k)`` -> ``(n, m)``
    """
    if _is_for_onednn(left, right):
        # The operator that torch.compile puts in the place of linear layers on processors, since torch 2.0.
        found: Tensor = torch.ops.mkldnn._linear_pointwise(left, right, None, "none", [], "")
        return found
    return torch.mm(left, right.t(), out=out)


def add_product_(
    total: Float[Tensor, "rows columns"], left: Float[Tensor, "rows summands"], right: Float[Tensor, "summands columns"]
) -> None:
    """Adds left times right, multiplied in the type of left and added up in that of the total."""
    if _is_for_onednn(right.t(), left):
        total.t().add_(product(right.t(), left))
    elif left.dtype == total.dtype:
        total.addmm_(left, right)
    else:
        total += left @ right.to(left.dtype)


def _is_for_onednn(left: Tensor, right: Tensor) -> bool:
    sizes = (left.size(0), right.size(0), left.size(1))
    are_large = min(sizes) >= _LEAST and max(sizes) >= _LEAST_OF_LONGEST
    are_plain = left.dtype == right.dtype == torch.float32 and left.device.type == "cpu"
    return are_large and are_plain and onednn_is_faster()


@cache
def onednn_is_faster() -> bool:
    """Whether this is a processor with AVX-512 on which MKL does without; False where torch cannot tell."""
    processor: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    is_forgone = bool(processor.get("avx512_f")) and str(processor.get("cpu_name")).startswith("AMD")
    return is_forgone and torch.backends.mkl.is_available() and has_onednn()


def has_onednn() -> bool:
    """Whether torch was built with oneDNN's product."""
    return torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")
