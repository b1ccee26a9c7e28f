"""``mmgraph-compare-encoders FOLDER [words]``: which encoder suits a data set, by its own validation split."""

import sys
from collections.abc import Sequence

from mmgraph.cli.errors import friendly_errors
from mmgraph.cli.keywords import split_words
from mmgraph.cli.parser import command_parser

_EXAMPLES = """\
examples:
  mmgraph-compare-encoders shop 'text=[tfidf,sentence-transformers/all-MiniLM-L6-v2]'
  mmgraph-compare-encoders shop 'text=[]' 'image=[colour,openai/clip-vit-base-patch32]' images=photos

The words are the arguments of mmgraph.compare_encoders. Items are recommended that are nearest to
those a user has in train, and recall@20 is that of validation; the test split is not looked at, and the folder is left
as it is.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line; prints the table."""
    parser = command_parser(
        "mmgraph-compare-encoders", __doc__, _EXAMPLES, words_of="mmgraph.prepare.features.compare:compare_encoders"
    )
    parser.add_argument("folder", help="a data set with items.tsv")
    parser.add_argument("words", nargs="*", default=[], metavar="key=value", help="what to compare, and how")
    words = list(sys.argv[1:] if arguments is None else arguments)
    given = parser.parse_args(words)
    with friendly_errors(words, go_on="nothing is kept of it, and the folder is as it was"):
        from mmgraph.prepare.features.compare import compare_encoders

        alone, options = split_words(given.words, compare_encoders)
        if alone:
            raise ValueError(f"{alone[0]}: is no setting; one folder, then words such as text=[tfidf,MODEL]")
        compare_encoders(given.folder, **options)


if __name__ == "__main__":
    main()
