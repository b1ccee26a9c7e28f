"""``mmgraph-reproduce PAPER ITEM [words]``: a table or figure of a paper, made again beside the published values."""

import difflib
import sys
from collections.abc import Sequence

from mmgraph.cli.errors import friendly_errors
from mmgraph.cli.keywords import split_words
from mmgraph.cli.parser import command_parser

_OWN = ("dataset", "seeds", "out", "runs", "jobs", "plan", "train")
_OF_RUNS = ("seed", "data_root")
"""Words of mmgraph-train that look like these."""
_EXAMPLES = """\
words:
  dataset=NAME, dataset=NAME,NAME   data sets; by default the first of the paper's that is there
  seeds=0,1,2                       a run of every row for each seed
  plan=true                         say what would be run, and run nothing
  train=false                       train nothing: the table of the runs that are finished
  jobs=2                            runs at a time; by default half of the cores, each with one thread
  out=FOLDER                        what is written; by default outputs/reproductions/<paper>-<item>
  runs=FOLDER                       where runs lie; by default outputs/reproductions/runs
  any word of mmgraph-train         for every row: trainer.max_epochs=3, recipe=none, data_root=/data

examples:
  mmgraph-reproduce                                     papers, their tables and figures
  mmgraph-reproduce rednd table-3 dataset=lfm2k plan=true
  mmgraph-reproduce rednd table-3 dataset=lfm2k seeds=0,1,2
  mmgraph-reproduce lgmrec table-2 dataset=baby,sports jobs=4

Finished runs are used again by every item that needs them; the same command goes on where it was killed.
The words are the arguments of mmgraph.reproduce.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = command_parser("mmgraph-reproduce", __doc__, _EXAMPLES)
    parser.add_argument(
        "words", nargs="*", default=[], metavar="PAPER ITEM key=value", help="what to make again, and how"
    )
    parser.add_argument("--list", action="store_true", help="list papers, their tables and figures, and exit")
    words = list(sys.argv[1:] if arguments is None else arguments)
    given = parser.parse_args(words)
    with friendly_errors(given.words, go_on="the same command goes on"):
        _run(given.words, only_list=given.list)


def _run(words: Sequence[str], *, only_list: bool) -> None:
    from mmgraph.evidence.reproduce.api import Reproduction, reproduce
    from mmgraph.terminal import PlainConsole

    own, others = _divided(words)
    alone, options = split_words(own, reproduce)
    settings = [word for word in others if "=" in word or word.startswith("~")]
    places = [word for word in others if word not in settings]
    if only_list or len(places) < 2:
        _list(places)
        return
    if len(places) > 2:
        raise ValueError(f"{places[2]!r} is no word: after PAPER and ITEM write key=value")
    assert not alone
    made = reproduce(places[0], places[1], words=settings, **options)
    console = PlainConsole()
    console.print_line(made)
    if isinstance(made, Reproduction):
        console.print_line(f"\nwritten to {made.files[0].parent}: {', '.join(path.name for path in made.files)}")
        if made.failed:
            raise ValueError(f"{len(made.failed)} runs failed: the same command tries them again")


def _divided(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Words of this command, lists without brackets too, and all others."""
    own = [word for word in words if word.partition("=")[0] in _OWN]
    for word in words:
        key, found, _ = word.partition("=")
        close = difflib.get_close_matches(key, _OWN, n=1, cutoff=0.7) if found else []
        if close and word not in own and key not in _OF_RUNS:
            raise ValueError(f"{word}: there is no word {key}; did you mean {close[0]}=?")
    return [_as_list(word) for word in own], [word for word in words if word not in own]


def _as_list(word: str) -> str:
    """``seeds=0,1`` is ``seeds=[0,1]``.

    >>> _as_list("seeds=0,1"), _as_list("seeds=[0]"), _as_list("out=a,b")
    ('seeds=[0,1]', 'seeds=[0]', 'out=a,b')
    """
    key, _, value = word.partition("=")
    return f"{key}=[{value}]" if key in ("seeds", "dataset") and "," in value and value[0] != "[" else word


def _list(papers: Sequence[str]) -> None:
    from mmgraph.cli.reproduction_list import show_items

    show_items(papers)


if __name__ == "__main__":
    main()
