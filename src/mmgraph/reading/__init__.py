"""Files of other people's making, read in bounded memory: nothing is unpickled, and what is wrong is named by place."""

from mmgraph.reading.archive import read_archive
from mmgraph.reading.arrays import FLOATS, REAL, map_matrix, open_array, open_matrix, read_matrix, row_blocks
from mmgraph.reading.digest import hash_file
from mmgraph.reading.mapped import expect_all, expect_rows, mapped_tensor
from mmgraph.reading.table import column_blocks, line_of_row, read_columns, read_layout, read_rows
from mmgraph.reading.text import check_text, open_text

__all__ = [
    "FLOATS",
    "REAL",
    "check_text",
    "column_blocks",
    "expect_all",
    "expect_rows",
    "hash_file",
    "line_of_row",
    "map_matrix",
    "mapped_tensor",
    "open_array",
    "open_matrix",
    "open_text",
    "read_archive",
    "read_columns",
    "read_layout",
    "read_matrix",
    "read_rows",
    "row_blocks",
]
