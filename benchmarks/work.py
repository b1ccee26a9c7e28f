"""Counts what a computation cannot do without: operations of dense products, bytes of sparse ones."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

DENSE = {"mm", "addmm", "bmm", "baddbmm", "addmm_", "addmv", "mv"}


class Work(TorchDispatchMode):
    """Counts while it is entered, forward and backward alike.

    Element-wise operations count nothing (fused into a product they would cost nothing), so the floor is a low one.

    Attributes:
        operations: floating-point operations of dense matrix products, 2 for each multiply-add.
        moved: bytes that sparse products must move: each operand read once, the result written once.
    """

    def __init__(self) -> None:
        super().__init__()
        self.operations = 0.0
        self.moved = 0.0

    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if func._schema.name.removeprefix("aten::") in DENSE:
            factors = [arg for arg in args if isinstance(arg, Tensor)][-2:]
            if any(factor.layout is not torch.strided for factor in factors):
                self.moved += sum(num_bytes(x) for x in (*factors, result))
            else:
                self.operations += 2.0 * result.numel() * factors[0].size(-1)
        return result


def num_bytes(x: Tensor) -> int:
    """Bytes that hold a tensor, the indices of a sparse one included."""
    if x.layout is torch.sparse_csr:
        return sum(num_bytes(part) for part in (x.crow_indices(), x.col_indices(), x.values()))
    if x.layout is torch.sparse_coo:
        x = x.coalesce()
        return num_bytes(x.indices()) + num_bytes(x.values())
    return x.numel() * x.element_size()
