"""Rows computed by several processes, put together so that every process has all of them."""

import torch
from torch import Tensor

from mmgraph.processes.divided import all_gather, world


def gather_rows(part: Tensor, num_rows: int) -> Tensor:
    """All ``num_rows`` rows, of which process r holds ``rows[r::num_processes]``; the same tensor on every process."""
    _, size = world()
    if size == 1:
        return part
    padded = part.new_zeros(-(-num_rows // size), *part.shape[1:])
    padded[: part.size(0)] = part
    return torch.stack(all_gather(padded), dim=1).flatten(0, 1)[:num_rows]
