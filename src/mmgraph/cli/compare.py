"""``mmgraph-compare RUNS [words]``: finished runs compared user by user, with what chance alone could do."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mmgraph.cli.errors import friendly_errors
from mmgraph.cli.keywords import split_words
from mmgraph.cli.parser import command_parser

if TYPE_CHECKING:
    from mmgraph.evidence.comparison import Comparison

_EXAMPLES = """\
words:
  metric=recall@20              of single users: recall, ndcg, precision, map, mrr, hit_ratio
  split=test                    or val
  baseline=lightgcn             a model, a row or a folder; by default that of the first folder which is best on
                                validation
  correction=holm               or bh, Benjamini and Hochberg, for leaderboards
  tests=[t,wilcoxon,bootstrap]  also sign_flip; the first decides
  out=FILE                      .md, .csv or .json
  figure=FILE                   .svg or .png, differences with intervals (extra evidence)

examples:
  mmgraph-compare outputs/lightgcn outputs/freedom
  mmgraph-compare outputs metric=ndcg@10 correction=bh out=leaderboard.md
  mmgraph-compare outputs baseline=item_knn figure=differences.svg

Runs that differ in their seed alone share a row. The words are the arguments of mmgraph.compare.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line; prints the table."""
    parser = command_parser("mmgraph-compare", __doc__, _EXAMPLES)
    parser.add_argument("words", nargs="+", metavar="RUN or key=value", help="folders of runs, or that hold some")
    words = list(sys.argv[1:] if arguments is None else arguments)
    given = parser.parse_args(words)
    with friendly_errors(words, go_on="nothing is kept of it, and the runs are as they were"):
        from mmgraph.cli.switches import set_switches

        set_switches()
        from mmgraph.evidence.compare import compare

        folders, options = split_words(given.words, compare)
        if not folders:
            raise ValueError("name folders of runs: mmgraph-compare outputs/a outputs/b")
        _show(compare(*folders, **options))
        for name in ("out", "figure"):
            if options.get(name):
                print(f"written to {options[name]}")


def _show(found: "Comparison") -> None:
    from rich.table import Table
    from rich.text import Text

    from mmgraph.evidence.comparison_text import cells, is_text, notes, title
    from mmgraph.terminal import PlainConsole, printable

    rows = cells(found)
    table = Table(title=Text(printable(title(found))))
    for heading in rows[0]:
        table.add_column(heading, justify="left" if is_text(heading) else "right")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row.values()))
    console = PlainConsole()
    console.table(table)
    for note in notes(found):
        console.print_line(note)


if __name__ == "__main__":
    main()
