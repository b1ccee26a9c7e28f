"""Lists for people at a terminal."""

from rich.table import Table
from rich.text import Text

from mmgraph.pipeline.listing import Listing
from mmgraph.terminal import printable


def list_table(listing: Listing) -> Table:
    """A line for each item: whose list, its rank, the item, its score and what it is called."""
    columns = listing.columns
    table = Table()
    for name in columns:
        table.add_column(name, justify="right" if name in ("rank", "score") else "left")
    for _, block in listing.blocks():
        for row in zip(*(block[name] for name in columns), strict=True):
            cells = dict(zip(columns, row, strict=True))
            cells["score"] = f"{cells['score']:.4g}"
            if cells["rank"] > 1:
                cells[columns[0]] = ""
            table.add_row(*(Text(printable(cell)) for cell in cells.values()))
    return table
