"""``mmgraph-prepare FILES out=FOLDER [words]``: raw files become a folder to train on."""

import sys
from collections.abc import Sequence

from mmgraph.cli.errors import friendly_errors
from mmgraph.cli.keywords import split_words
from mmgraph.cli.parser import command_parser

_EXAMPLES = """\
examples:
  mmgraph-prepare orders.csv out=shop
  mmgraph-prepare orders.csv items=products.csv out=shop columns.user=customer columns.item=sku
  mmgraph-prepare logs/ out=shop repeats=count k_core=5 split=per_user_time

The words are the arguments of mmgraph.prepare_data. Then: mmgraph-data shop, and
mmgraph-train model=rednd dataset=folder dataset.root=shop
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line; prints what was made."""
    parser = command_parser("mmgraph-prepare", __doc__, _EXAMPLES, words_of="mmgraph.prepare.api:prepare_data")
    parser.add_argument("words", nargs="+", metavar="FILE or key=value", help="what to read, and how")
    words = list(sys.argv[1:] if arguments is None else arguments)
    given = parser.parse_args(words).words
    with friendly_errors(words):
        from mmgraph.prepare.api import prepare_data, prepare_folder

        files, options = split_words(given, prepare_data)
        if "out" not in options:
            raise ValueError("out=FOLDER is missing: the folder to make")
        print(f"written to {prepare_folder(interactions=files, **options)}")


if __name__ == "__main__":
    main()
