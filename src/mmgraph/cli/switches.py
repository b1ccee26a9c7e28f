"""What the command line sets for the whole process, because the process is its own."""

from mmgraph.cli.imports import import_pyg


def set_switches() -> None:
    """Runs repeat to the bit, denormal numbers count as 0, and memory of large tensors is used again.

    To be called before torch is imported, which then takes less time.
    """
    import_pyg()
    from mmgraph.cli.allocator import keep_large_blocks
    from mmgraph.pipeline.repeatable import set_repeatable

    keep_large_blocks()
    set_repeatable()
