"""``mmgraph-attribute <run dir> [...] [words]``: what each modality brings to a trained model."""

from collections.abc import Sequence

from mmgraph.cli.errors import friendly_errors
from mmgraph.cli.keywords import split_words
from mmgraph.cli.parser import command_parser

_EXAMPLES = """\
Each modality's rows are permuted among the items, then those of all together, and its branch is taken out where a model
allows that; nothing is trained, nothing in the folders is changed. With runs of several seeds there are two floors of
noise: twice the deviation of the level over seeds, and of the paired differences.

words:
  controls=RUN, controls=[RUN,RUN]      runs of the same settings trained under control=; compared seed by seed
  permutations=5                        how often rows are permuted
  graphs=recompute                      item graphs are drawn anew from the permuted features; hold leaves them
  splits=[val,test]                     where to rank
  metric=recall@20                      what the table shows; files have all metrics
  seed=0                                of the permutations
  out=FILE, out=[FILE,FILE]             .json, .csv, or a figure: .svg, .png (extra evidence)
  data_root=FOLDER                      the folder of the data sets, one a folder in it, where they lie now

examples:
  mmgraph-attribute outputs/freedom-0
  mmgraph-attribute outputs/freedom-0 outputs/freedom-1 outputs/freedom-2 out=[freedom.csv,freedom.svg]
  mmgraph-attribute outputs/freedom-0 controls=outputs/freedom-0-shuffled

The words are the arguments of mmgraph.attribute; a folder may also hold runs at any depth, as that of a sweep does.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = command_parser("mmgraph-attribute", __doc__, _EXAMPLES)
    parser.add_argument("words", nargs="+", metavar="RUN|key=value", help="folders of runs that differ in their seed")
    options = parser.parse_args(arguments)
    with friendly_errors(options.words):
        runs, words = split_words(options.words, show)
        show(runs, **words)


def show(
    runs: Sequence[str],
    *,
    controls: str | Sequence[str] = (),
    permutations: int = 5,
    graphs: str = "recompute",
    splits: Sequence[str] = ("val", "test"),
    metric: str = "recall@20",
    seed: int = 0,
    out: str | Sequence[str] = (),
    data_root: str | None = None,
) -> None:
    """Prints the table, and writes files.

    Args:
        runs: as of :func:`mmgraph.attribute`, as are the others.
        controls: runs under a control.
        permutations: how many.
        graphs: what becomes of item graphs.
        splits: where to rank.
        metric: what is shown.
        seed: of the permutations.
        out: the files.
        data_root: where the data lie now.

    Raises:
        ValueError: for runs that do not belong together, or a word that is out of range.
        FileNotFoundError: if there is no finished run.
    """
    from pathlib import Path

    from mmgraph.cli.switches import set_switches

    set_switches()
    from mmgraph.evidence.attribution import attribute
    from mmgraph.evidence.attribution_files import check_path, effect_table, notes
    from mmgraph.terminal import PlainConsole

    if not runs:
        raise ValueError("give the folder of a run: mmgraph-attribute outputs/my-run")
    files = [Path(name) for name in ([out] if isinstance(out, str) else out)]
    for path in files:
        check_path(path)
    console = PlainConsole(stderr=True)
    with console.status("") as status:
        found = attribute(
            runs, controls=controls, permutations=permutations, graphs=graphs, splits=splits, metric=metric, seed=seed,
            data_root=data_root, on_step=status.update,
        )  # fmt: skip
    output = PlainConsole()
    output.table(effect_table(found))
    for line in notes(found):
        output.print_line(line)
    for path in files:
        found.save(path)
        output.print_line(f"written: {path}")


if __name__ == "__main__":
    main()
