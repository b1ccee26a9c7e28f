"""``mmgraph-serve <run> [words]``: recommendations over HTTP, and a page to look at them."""

import os
from collections.abc import Sequence
from pathlib import Path

from mmgraph.cli.errors import friendly_errors
from mmgraph.cli.keywords import split_words
from mmgraph.cli.parser import command_parser

_EXAMPLES = """\
words:
  host=127.0.0.1        the address to listen at; only this machine reaches this one, and all do 0.0.0.0
  port=8000             0 takes a free one
  workers=1             processes
  images=FOLDER         where the pictures lie that the item table names (column image)
  index=auto            exact looks at every item for a list, approximate at those that lie near (faiss); auto: exact
                        below 200,000 items
  data_root=FOLDER      the folder of the data sets (one a folder in it), if not where it was
  poll=2                seconds between two looks at the pointer file
  k_max=100             longest list that a request may ask for
  batch_max=256         most lists in a request
  body_max=1048576      largest request in bytes
  concurrency=128       requests that may wait for a worker; those beyond are turned away with 503

examples:
  mmgraph-serve outputs/my-run
  mmgraph-serve outputs/newest workers=2 images=shop/images     # outputs/newest: a text file, in it the run's path
  MMGRAPH_SERVE_TOKEN=... mmgraph-serve outputs/my-run host=0.0.0.0 port=80

With MMGRAPH_SERVE_TOKEN set, requests must carry it (Authorization: Bearer ...); the page asks for it.
When a pointer file is replaced (mv new outputs/newest), every worker loads the run that it names; requests never wait.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = command_parser("mmgraph-serve", __doc__, _EXAMPLES)
    parser.add_argument("run", type=Path, help="folder of a run, or a text file that holds the path of one")
    parser.add_argument("words", nargs="*", default=[], help="how it is served; see below")
    options = parser.parse_args(arguments)
    with friendly_errors(options.words):
        serve(options.run, options.words)


def serve(run: Path, words: Sequence[str] = ()) -> None:
    """Serves a run until it is interrupted.

    Args:
        run: its folder, or a pointer file.
        words: settings of :class:`mmgraph.serve.Settings`.

    Raises:
        ValueError: for a word that there is not, or a run that cannot be served.
        FileNotFoundError: if there is no run.
    """
    # A list takes less time than it takes to wake a second thread of BLAS; NumPy reads this when it is imported.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from mmgraph.serve import Settings
    from mmgraph.serve import serve as serve_until_interrupted

    alone, given = split_words(words, Settings)
    if alone:
        raise ValueError(f"{alone[0]!r} is no setting: write NAME=VALUE; --help lists the names")
    serve_until_interrupted(Settings(run, **given))


if __name__ == "__main__":
    main()
