"""``mmgraph-data FOLDER [page=FILE.html]``: what a data set is like, as text and as a page with pictures."""

import sys
from collections.abc import Sequence
from pathlib import Path

from mmgraph.cli.errors import friendly_errors
from mmgraph.cli.keywords import split_words
from mmgraph.cli.parser import command_parser

_EXAMPLES = """\
examples:
  mmgraph-data shop
  mmgraph-data data/baby page=baby.html

The folder is read as its own dataset.yaml says. The page needs nothing but itself.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line; prints sizes, degrees, modalities, split and drift."""
    parser = command_parser("mmgraph-data", __doc__, _EXAMPLES)
    parser.add_argument("folder", type=Path, help="a data set in MMRec's layout, such as mmgraph-prepare makes")
    parser.add_argument("words", nargs="*", metavar="key=value", help="page=FILE.html")
    words = list(sys.argv[1:] if arguments is None else arguments)
    given = parser.parse_args(words)
    with friendly_errors(words):
        alone, options = split_words(given.words, show_data)
        if alone:
            raise ValueError(f"{alone[0]!r} is no word: write page=FILE.html")
        show_data(given.folder, **options)


def show_data(folder: Path, *, page: str | None = None) -> None:
    """Prints what a data set is like.

    Args:
        folder: in MMRec's layout.
        page: file for the same with pictures.
    """
    from mmgraph.datasets import MMRecFolder
    from mmgraph.prepare.look.numbers import look_at
    from mmgraph.prepare.look.page import write_page
    from mmgraph.prepare.look.text import print_look
    from mmgraph.terminal import PlainConsole

    look = look_at(MMRecFolder(folder, interactions="memory"))
    console = PlainConsole()
    print_look(look, console)
    if page is not None:
        write_page(look, Path(page).expanduser())
        console.print_line(f"written to {page}")


if __name__ == "__main__":
    main()
