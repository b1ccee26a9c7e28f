"""Which column means what: as named, else by names that many files have."""

import re
from collections.abc import Collection, Mapping, Sequence

MEANINGS = ("user", "item", "rating", "timestamp", "weight", "x_label")
"""What a column of interactions can mean; the first two are needed."""

_WELL_KNOWN = {
    "user": "userid user uid customerid customer clientid client buyerid buyer reviewerid visitorid memberid profileid",
    "item": "itemid item iid productid product sku articleid article parentasin asin movieid trackid bookid isbn"
    " goodsid",
    "rating": "rating ratings stars score overall",
    "timestamp": "timestamp time datetime date unixreviewtime createdat orderedat orderdate purchasedat purchasedate"
    " eventtime ts tdat",
    "weight": "weight",
    "x_label": "xlabel",
}


def plain_name(name: str) -> str:
    """A column's name without case, punctuation and the type that RecBole writes behind it.

    >>> plain_name("User_ID:token")
    'userid'
    """
    return re.sub(r"[\W_]+", "", name.partition(":")[0].lower())


def find_columns(header: Sequence[str], named: Mapping[str, str | None], *, place: str) -> dict[str, str]:
    """The columns of interactions by meaning.

    Args:
        header: names in the file.
        named: names by meaning, as the user gave them; None for what is not to be read.
        place: the file, for messages.

    Raises:
        ValueError: a named column is not there, users or items are not found, or two columns may be meant.

    Example:
        >>> find_columns(["customer", "sku", "qty"], {}, place="orders.csv")
        {'user': 'customer', 'item': 'sku'}
    """
    found = {meaning: _named(header, name, meaning, place) for meaning, name in named.items() if name is not None}
    for meaning in MEANINGS:
        rest = [name for name in header if name not in found.values()]
        if meaning not in named and (name := guess(rest, meaning, place)) is not None:
            found[meaning] = name
    for meaning in ("user", "item"):
        if meaning not in found:
            raise ValueError(
                f"{place}: which column of {list(header)} has the {meaning}s? Set columns.{meaning} to its name"
            )
    return {meaning: found[meaning] for meaning in MEANINGS if meaning in found}


def guess(header: Collection[str], meaning: str, place: str) -> str | None:
    """The column whose name is the best known for a meaning; None if there is none.

    Raises:
        ValueError: two names differ in case and punctuation only.
    """
    for known in _WELL_KNOWN[meaning].split():
        if fits := [name for name in header if plain_name(name) == known]:
            if len(fits) > 1:
                raise ValueError(f"{place}: {fits} may each be the {meaning}; set columns.{meaning}")
            return fits[0]
    return None


def check_names(columns: Mapping[str, str | None]) -> None:
    """Checks the meanings of named columns.

    Raises:
        ValueError: one is not known, or two name the same column.
    """
    if unknown := [meaning for meaning in columns if meaning not in MEANINGS]:
        raise ValueError(f"columns: unknown {unknown}; the keys are {list(MEANINGS)}")
    names = list(columns.values())
    if twice := [meaning for meaning, name in columns.items() if name is not None and names.count(name) > 1]:
        raise ValueError(f"columns: {twice} all name {columns[twice[0]]!r}; give each a column of its own")


def _named(header: Sequence[str], name: str, meaning: str, place: str) -> str:
    typed = [column for column in header if column.partition(":")[0] == name]  # RecBole's uid:token
    fits = [column for column in header if column == name] or typed
    if len(fits) != 1:
        count = "no column" if not fits else f"{len(fits)} columns"
        raise ValueError(f"{place}: columns.{meaning}={name!r}, but there is {count} of this name in {list(header)}")
    return fits[0]
