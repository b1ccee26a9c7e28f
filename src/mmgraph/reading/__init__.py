"""Files of other people's making, read in bounded memory: nothing is unpickled, and what is wrong is named by place."""

from mmgraph.reading.archive import read_archive
from mmgraph.reading.arrays import FLOATS, REAL, open_array, open_matrix, read_matrix, row_blocks
from mmgraph.reading.digest import hash_file
from mmgraph.reading.table import column_blocks, line_of_row, read_columns, read_layout, read_rows
from mmgraph.reading.text import check_text, open_text

__all__ = [
    "FLOATS",
    "REAL",
    "check_text",
    "column_blocks",
    "hash_file",
    "line_of_row",
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
