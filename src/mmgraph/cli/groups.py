"""``mmgraph-groups RUNS [words]``: a metric by groups of users or items, from finished runs."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mmgraph.cli.errors import friendly_errors
from mmgraph.cli.keywords import split_words
from mmgraph.cli.parser import command_parser

if TYPE_CHECKING:
    from mmgraph.evidence.analyses import Analysis

_EXAMPLES = """\
words:
  by=activity       users by their number of train interactions
  by=popularity     items by theirs; of a group the hits among its held-out items count
  by=cold           users, and items, with a train interaction and without
  by=COLUMN         items by a column of items.tsv, such as category
  by=FILE           users by a file .csv or .tsv with columns user and group
  metric=recall@20  of single users: recall, ndcg, precision, map, mrr, hit_ratio
  bins=4            how many groups, of about equally many users or items; or bins=[5,10,20], the largest number of
                    interactions of each. By default four groups of users, and the head and the tail of the items
  split=test        or val
  out=FILE          .md, .csv or .json
  figure=FILE       .svg or .png, bars with intervals (extra evidence)

examples:
  mmgraph-groups outputs/lightgcn outputs/freedom
  mmgraph-groups outputs by=popularity metric=ndcg@10 figure=tail.svg
  mmgraph-groups outputs by=activity bins=[5,10,15,20] out=activity.md

Runs that differ in their seed alone share a row. The words are the arguments of mmgraph.groups.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line; prints the tables."""
    parser = command_parser("mmgraph-groups", __doc__, _EXAMPLES)
    parser.add_argument("words", nargs="+", metavar="RUN or key=value", help="folders of runs, or that hold some")
    words = list(sys.argv[1:] if arguments is None else arguments)
    given = parser.parse_args(words)
    with friendly_errors(words, go_on="nothing is kept of it, and the runs are as they were"):
        from mmgraph.cli.switches import set_switches

        set_switches()
        from mmgraph.evidence.groups import groups

        folders, options = split_words(given.words, groups)
        if not folders:
            raise ValueError("name folders of runs: mmgraph-groups outputs/a outputs/b by=activity")
        _show(groups(*folders, **options), options.get("metric", "recall@20"))
        for name in ("out", "figure"):
            if options.get(name):
                print(f"written to {options[name]}")


def _show(found: "Analysis", metric: str) -> None:
    from rich.table import Table
    from rich.text import Text

    from mmgraph.evidence.group_views import cells
    from mmgraph.terminal import PlainConsole, printable

    console = PlainConsole()
    for title, rows in found.tables:
        table = Table(title=Text(printable(f"{metric}, {title}")))
        lines = cells(rows, metric)
        for heading in lines[0]:
            table.add_column(Text(printable(heading)), justify="left" if heading == "group" else "right")
        for line in lines:
            table.add_row(*(Text(printable(cell)) for cell in line.values()))
        console.table(table)
    for note in found.notes:
        console.print_line(note)


if __name__ == "__main__":
    main()
