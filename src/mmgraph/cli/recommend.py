"""``mmgraph-recommend <run dir> [words]``: lists of the best items, in the ids that the data came with."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mmgraph
from mmgraph.cli.arguments import number, read_arguments, text, texts
from mmgraph.cli.errors import friendly_errors

if TYPE_CHECKING:
    from mmgraph.pipeline.listing import Listing

_OF_USERS = {"users": texts, "exclude": texts}
_OF_BOTH = {"k": number, "allow": texts, "deny": texts, "category": texts, "at_most": number}
_WORDS = {**_OF_USERS, "similar": texts, **_OF_BOTH, "data_root": text}
_SHOWN = 10
_EXAMPLES = """\
words:
  users=ID, users=[ID,ID], users=FILE   whom the lists are for (all by default); a file has an id a line, or a column
                                        user (.csv, .tsv)
  similar=ID, [ID,ID], FILE or all      the items most like these, in the place of lists for users
  k=10                                  length of the lists
  exclude=[train,val,test]              the splits whose items a user has already; [] leaves nothing out
  allow=FILE, deny=FILE                 the only items that may stand in a list, and items that may not; also ids
  category=shoes, category=[shoes,hats] only items of these categories
  at_most=2                             no more than so many of a category in a list
  data_root=FOLDER                      where the data lie now, for runs of earlier versions, which did not keep ids

examples:
  mmgraph-recommend outputs/my-run users=alice
  mmgraph-recommend outputs/my-run users=[alice,bob] k=5 category=shoes at_most=2
  mmgraph-recommend outputs/my-run similar=SKU-1002
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="mmgraph-recommend",
        description=__doc__.replace("``", ""),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run_dir", type=Path, help="folder of a run")
    parser.add_argument("words", nargs="*", default=[], help="for whom, how many, of which; see below")
    parser.add_argument(
        "--version", action="version", version=f"mmgraph {mmgraph.__version__}", help="show the version and exit"
    )
    options = parser.parse_args(arguments)
    with friendly_errors(options.words):
        recommend(options.run_dir, options.words)


def recommend(run_dir: Path, words: Sequence[str] = ()) -> None:
    """Prints lists.

    Args:
        run_dir: the run's folder.
        words: the arguments of :meth:`mmgraph.Run.recommend`; ``similar`` those of :meth:`mmgraph.Run.similar_items`.

    Raises:
        ValueError: for a word, an id or a category that is not there.
        FileNotFoundError: if there is no finished run, or no file of that name.
    """
    given = read_arguments(words, _WORDS)
    _show(_listing(run_dir, given))


def _listing(run_dir: Path, given: dict[str, Any]) -> "Listing":
    from mmgraph.cli.switches import set_switches
    from mmgraph.pipeline.api import load
    from mmgraph.pipeline.listing import for_items, for_users

    set_switches()
    run = load(run_dir, data_root=given.pop("data_root", None))
    if "similar" not in given:
        return for_users(run.serving, given.pop("users", "all"), **given)
    if wrong := [name for name in _OF_USERS if name in given]:
        raise ValueError(f"{wrong[0]}= is for lists of users, and similar= asks for items like items: leave one out")
    return for_items(run.serving, given.pop("similar"), **given)


def _show(listing: "Listing") -> None:
    """Prints the lists of the first few."""
    from mmgraph.pipeline.list_table import list_table
    from mmgraph.terminal import PlainConsole

    console = PlainConsole()
    console.table(list_table(listing.first(_SHOWN)))
    count = listing.rows.numel()
    if count > _SHOWN:
        console.print_line(f"the first {_SHOWN} of {count:,} {listing.of.kind}s")


if __name__ == "__main__":
    main()
