"""``mmgraph-fuse RUN RUN ... folder=FOLDER [words]``: a weighted sum of finished runs' scores, as a run of its own."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mmgraph.cli.errors import friendly_errors
from mmgraph.cli.keywords import split_words
from mmgraph.cli.parser import command_parser

if TYPE_CHECKING:
    from mmgraph.pipeline.result import Run

_EXAMPLES = """\
words:
  folder=FOLDER                 a new one, for the fused run
  scores=z_score                one scale for each user's scores: less their mean, over their deviation; or rank, the
                                share of items that score lower
  metric=recall@20              what weights are chosen by, on validation
  data_root=FOLDER              the folder of the data sets (one a folder in it), for members that kept no scores

examples:
  mmgraph-fuse outputs/lightgcn outputs/item_knn folder=outputs/fused
  mmgraph-fuse outputs/lightgcn outputs/vbpr outputs/item_knn folder=outputs/fused scores=rank metric=ndcg@10

The words are the arguments of mmgraph.fuse. The fused run recommends, serves and is compared like any other.
"""
_SHOWN = ("recall@20", "ndcg@20")


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line; prints members, weights and metrics."""
    parser = command_parser("mmgraph-fuse", __doc__, _EXAMPLES)
    parser.add_argument("words", nargs="+", metavar="RUN or key=value", help="folders of runs of the same split")
    words = list(sys.argv[1:] if arguments is None else arguments)
    given = parser.parse_args(words)
    with friendly_errors(words, go_on="nothing is kept of it, and the runs are as they were"):
        from mmgraph.evidence.fuse import fuse

        folders, options = split_words(given.words, fuse)
        if options.get("folder") is None:
            raise ValueError("folder= is missing: name a new folder for the fused run, folder=outputs/fused")
        _fuse(folders, **options)


def _fuse(
    folders: Sequence[str],
    *,
    folder: str,
    scores: str = "z_score",
    metric: str = "recall@20",
    data_root: str | None = None,
) -> None:
    from mmgraph.cli.switches import set_switches

    set_switches()
    from mmgraph.cli.list_progress import shown_progress
    from mmgraph.evidence.fuse import Counted, fuse_runs

    with shown_progress(1, "users") as shown:

        def progress(total: int) -> Counted:
            shown.bar.update(shown.task, total=total)
            return shown.advance

        run = fuse_runs(folders, folder=folder, scores=scores, metric=metric, data_root=data_root, progress=progress)
    _show(run, metric)


def _show(run: "Run", metric: str) -> None:
    from rich.table import Table
    from rich.text import Text

    from mmgraph.terminal import PlainConsole, printable

    fusion = run.report.fusion
    assert fusion is not None
    names = [name for name in dict.fromkeys([metric, *_SHOWN]) if name in run.val]
    table = Table(title=Text(printable(f"fusion on {run.report.dataset}, scores={fusion['scores']}")))
    table.add_column("model")
    for heading in ("weight", *(f"{split} {name}" for name in names for split in ("val", "test"))):
        table.add_column(heading, justify="right")
    members = [(_name(member), f"{member['weight']:.2f}", member) for member in fusion["members"]]
    for name, weight, values in [*members, ("fusion", "", {"val": run.val, "test": run.test})]:
        cells = [_cell(values[split], name) for name in names for split in ("val", "test")]
        table.add_row(Text(printable(name)), weight, *cells)
    console = PlainConsole()
    console.table(table)
    console.print_line(
        f"weights: the best of {fusion['weights_tried']} on validation {metric}; written to {run.folder}"
    )


def _name(member: dict[str, Any]) -> str:
    return f"{member['model']}, seed {member['seed']}"


def _cell(values: dict[str, float], name: str) -> str:
    return f"{values[name]:.4f}" if name in values else "-"


if __name__ == "__main__":
    main()
