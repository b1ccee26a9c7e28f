"""``mmgraph-export RUN out=FOLDER [words]``: a finished run for other programs, and for other people."""

import sys
from collections.abc import Sequence
from pathlib import Path

import mmgraph
from mmgraph.cli.errors import friendly_errors
from mmgraph.cli.keywords import split_words
from mmgraph.cli.parser import command_parser

_EXAMPLES = """\
words:
  out=FOLDER                      the folder to make
  formats=[pretrained]            what to write, of those below
  license=null                    what others may do with it, for the model card

formats: pretrained (what mmgraph.from_pretrained opens), vectors (Parquet, with ids), index (faiss, over the items),
program (scores by torch alone).

examples:
  mmgraph-export outputs/my-run out=my-model                      # weights, settings, ids, metrics and a card
  mmgraph-export outputs/my-run out=vectors formats=[vectors,index]
  mmgraph-export outputs/my-run out=my-model formats=[pretrained,program] license=cc-by-4.0
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line; prints what was written."""
    parser = command_parser("mmgraph-export", __doc__, _EXAMPLES)
    parser.add_argument("run_dir", type=Path, help="folder of a finished run")
    parser.add_argument("words", nargs="+", metavar="key=value", help="out=FOLDER, formats=[...], license=...")
    words = list(sys.argv[1:] if arguments is None else arguments)
    given = parser.parse_args(words)
    with friendly_errors(words):
        others, options = split_words(given.words, export)
        if others:
            raise ValueError(f"{others[0]}: one run at a time, and then words such as out=FOLDER")
        if "out" not in options:
            raise ValueError("out=FOLDER is missing: the folder to make")
        export(given.run_dir, **options)


def export(run_dir: Path, *, out: str, formats: Sequence[str] = ("pretrained",), license: str | None = None) -> None:
    """Writes a run's exports; see :meth:`mmgraph.Run.export`."""
    for path in mmgraph.load(run_dir).export(out, formats=formats, license=license):
        print(path)


if __name__ == "__main__":
    main()
