"""What the command line sets for the whole process, because the process is its own."""

import torch

from mmgraph.cli.allocator import keep_large_blocks


def set_switches() -> None:
    """Runs repeat to the bit, denormal numbers count as 0, and memory of large tensors is used again.

    Weights that L2 takes to 0 pass through denormal numbers, which made steps ten times as long; threads started from
    here on inherit it.
    """
    keep_large_blocks()
    torch.set_flush_denormal(True)
    torch.use_deterministic_algorithms(True, warn_only=torch.cuda.is_available())
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # nothing reads it
