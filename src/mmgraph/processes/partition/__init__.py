"""A graph whose nodes' rows are divided among the processes of a job, and what is sent between these."""

from mmgraph.processes.partition.asked import AskedRows
from mmgraph.processes.partition.exchange import (
    added_up,
    all_rows,
    any_of_processes,
    joined_rows,
    looked_up,
    looked_up_first,
    received_rows,
    traffic,
)
from mmgraph.processes.partition.rows import BLOCK_ROWS, DividedRows, is_divided, row_blocks

__all__ = [
    "BLOCK_ROWS",
    "AskedRows",
    "DividedRows",
    "added_up",
    "all_rows",
    "any_of_processes",
    "is_divided",
    "joined_rows",
    "looked_up",
    "looked_up_first",
    "received_rows",
    "row_blocks",
    "traffic",
]
