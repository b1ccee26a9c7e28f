"""``mmgraph-encode FOLDER [words]``: the texts, images and sounds of a folder's items become features."""

import sys
from collections.abc import Sequence

from mmgraph.cli.errors import friendly_errors
from mmgraph.cli.keywords import split_words
from mmgraph.cli.parser import command_parser

_EXAMPLES = """\
examples:
  mmgraph-encode shop
  mmgraph-encode shop 'text_columns=[title,category]' images=photos
  mmgraph-encode shop text=sentence-transformers/all-MiniLM-L6-v2 device=cuda batch_size=256
  mmgraph-encode shop text=null image=openai/clip-vit-base-patch32 images=photos bad_images=skip

The words are the arguments of mmgraph.encode_items. The same command goes on where it was stopped. Which encoder suits
the data: mmgraph-compare-encoders.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = command_parser(
        "mmgraph-encode", __doc__, _EXAMPLES, words_of="mmgraph.prepare.features.encode:encode_items"
    )
    parser.add_argument("folder", help="a data set with items.tsv")
    parser.add_argument("words", nargs="*", default=[], metavar="key=value", help="what to encode, and how")
    words = list(sys.argv[1:] if arguments is None else arguments)
    given = parser.parse_args(words)
    with friendly_errors(words, go_on="the same command goes on after what is encoded"):
        from mmgraph.prepare.features.encode import encode_items

        alone, options = split_words(given.words, encode_items)
        if alone:
            raise ValueError(f"{alone[0]}: is no setting; one folder, then words such as text=tfidf")
        encode_items(given.folder, **options)


if __name__ == "__main__":
    main()
