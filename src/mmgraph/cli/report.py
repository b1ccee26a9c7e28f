"""``mmgraph-report RUNS...``: finished runs as one page of HTML, with a leaderboard and a view of each run."""

import sys
from collections.abc import Sequence

from mmgraph.cli.errors import friendly_errors
from mmgraph.cli.keywords import split_words
from mmgraph.cli.parser import command_parser

_EXAMPLES = """\
words:
  out=report.html           the file; it needs nothing beside it
  metric=recall@20          what is compared
  users=ID or [ID,ID]       users whose lists are shown; by default three with test interactions
  k=10                      length of their lists
  images=FOLDER             pictures of the items, by the column image of items.tsv
  maps=[pca,tsne]           maps of the items' vectors: pca, tsne, umap; [] draws none
  details=12                how many runs of each data set get lists, groups of users and maps: the best on validation

examples:
  mmgraph-report outputs
  mmgraph-report outputs/2026-01-31 multirun/seeds out=january.html metric=ndcg@20
  mmgraph-report outputs/shop users=[alice,bob] images=raw/images

The words are the arguments of mmgraph.write_report.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = command_parser("mmgraph-report", __doc__, _EXAMPLES)
    parser.add_argument("runs", nargs="+", metavar="RUNS", help="folders of runs, or folders that hold some; key=value")
    words = list(sys.argv[1:] if arguments is None else arguments)
    given = parser.parse_args(words)
    with friendly_errors(words):
        folders, options = split_words(given.runs, report)
        if not folders:
            raise ValueError("name a folder of runs: mmgraph-report outputs")
        report(folders, **options)


def report(
    folders: Sequence[str],
    *,
    out: str = "report.html",
    metric: str = "recall@20",
    users: str | Sequence[str] | None = None,
    k: int = 10,
    images: str | None = None,
    maps: Sequence[str] = ("pca", "tsne"),
    details: int = 12,
) -> None:
    """Writes the page; see :func:`mmgraph.write_report`.

    Args:
        folders: runs, or folders of some.
        out: as there, as are the others.
        metric: what is compared.
        users: ids.
        k: length of their lists.
        images: folder of pictures.
        maps: methods.
        details: how many are looked at closely.
    """
    from mmgraph.cli.switches import set_switches

    set_switches()
    from mmgraph.cli.report_progress import steps_shown
    from mmgraph.evidence.page.write import write_report

    named = [users] if isinstance(users, str) else users
    with steps_shown() as on_step:
        path = write_report(
            folders,
            out=out,
            metric=metric,
            users=named,
            k=k,
            images=images,
            maps=maps,
            details=details,
            on_step=on_step,
        )
    print(f"written to {path}")


if __name__ == "__main__":
    main()
