"""``mmgraph-recommend <run dir> [words]``: lists of the best items, in the ids that the data came with."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmgraph.cli.errors import friendly_errors
from mmgraph.cli.keywords import split_words
from mmgraph.cli.parser import command_parser

if TYPE_CHECKING:
    from mmgraph.pipeline.listing import Listing

Ids = str | Sequence[str]
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
  out=FILE                              write all lists: .parquet, .csv or .jsonl; by default a few are printed
  data_root=FOLDER                      the folder of the data sets (one a folder in it) now, for runs that kept no ids

examples:
  mmgraph-recommend outputs/my-run users=alice
  mmgraph-recommend outputs/my-run users=[alice,bob] k=5 category=shoes at_most=2
  mmgraph-recommend outputs/my-run similar=SKU-1002
  mmgraph-recommend outputs/my-run k=20 deny=sold_out.txt out=tonight.parquet

The words are the arguments of mmgraph.Run.recommend and similar_items.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = command_parser("mmgraph-recommend", __doc__, _EXAMPLES)
    parser.add_argument("run_dir", type=Path, help="folder of a run")
    parser.add_argument("words", nargs="*", default=[], metavar="key=value", help="for whom, how many, of which")
    options = parser.parse_args(arguments)
    with friendly_errors(options.words):
        alone, words = split_words(options.words, recommend)
        if alone:
            raise ValueError(f"{alone[0]!r} is no word: write key=value, such as users={alone[0]}")
        recommend(options.run_dir, **words)


def recommend(
    run_dir: Path,
    *,
    users: Ids | None = None,
    similar: Ids | None = None,
    k: int = 10,
    exclude: Sequence[str] | None = None,
    allow: Ids | None = None,
    deny: Ids | None = None,
    category: str | Sequence[str] | None = None,
    at_most: int | None = None,
    out: str | None = None,
    data_root: str | None = None,
) -> None:
    """Prints lists, or writes them.

    Args:
        run_dir: the run's folder.
        users: as of :meth:`mmgraph.Run.recommend`, as are the others; all by default.
        similar: the items of :meth:`mmgraph.Run.similar_items`, in the place of users.
        k: length of the lists.
        exclude: splits whose items are left out.
        allow: the only items.
        deny: items that are left out.
        category: the only categories.
        at_most: how many of a category.
        out: the file; None: a few are printed.
        data_root: where the data lie now, if they are needed.

    Raises:
        ValueError: for an id, a split or a category that is not there.
        FileNotFoundError: if there is no finished run, or no file of that name.
    """
    from mmgraph.cli.switches import set_switches

    set_switches()
    from mmgraph.pipeline.api import load
    from mmgraph.pipeline.listing import for_items, for_users
    from mmgraph.typing import PARTS

    chosen: dict[str, Any] = {"k": k, "allow": allow, "deny": deny, "category": category, "at_most": at_most}
    run = load(run_dir, data_root=data_root)
    if similar is None:
        excluded = tuple(PARTS) if exclude is None else exclude
        listing = for_users(run.serving, "all" if users is None else users, exclude=excluded, **chosen)
    elif users is not None or exclude is not None:
        raise ValueError(
            "similar= asks for items like items: users= and exclude= are for lists of users, leave them out"
        )
    else:
        listing = for_items(run.serving, similar, **chosen)
    if out is None:
        _show(listing)
    else:
        _write(listing, out)


def _show(listing: "Listing") -> None:
    """Prints the lists of the first few."""
    from mmgraph.pipeline.list_table import list_table
    from mmgraph.terminal import PlainConsole

    console = PlainConsole()
    console.table(list_table(listing.first(_SHOWN)))
    count = listing.rows.numel()
    if count > _SHOWN:
        kind = listing.of.kind
        console.print_line(f"the first {_SHOWN} of {count:,} {kind}s; out=FILE.csv (.jsonl, .parquet) writes all")


def _write(listing: "Listing", out: str) -> None:
    from mmgraph.cli.list_progress import shown_progress
    from mmgraph.pipeline.list_files import write_lists

    with shown_progress(listing.rows.numel(), f"{listing.of.kind}s") as progress:
        written = write_lists(listing, out, on_lists=progress.advance)
        progress.end(written.lists, written.lines, out)
    if written.changed_ids:
        progress.console.print_line(
            f"ids that begin with =, +, - or @ ({written.changed_ids:,}) have a ' before them in this file, so that no "
            "spreadsheet takes them for formulas; .jsonl and .parquet have them as they are"
        )


if __name__ == "__main__":
    main()
