"""``items.tsv`` as encoders need it: column by column, in the order of the rows of features."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from mmgraph.datasets.folder_options import folder_options
from mmgraph.datasets.items_file import FILE
from mmgraph.reading import read_layout, read_rows

_FILES = ("image", "audio")
"""Columns that hold names of files."""
_IDS = ("original_id",)
_NO_WORDS = re.compile(r"\s*(?:https?://\S*|(?=\S*\d)[A-Z\d_.,:/+-]+(?:e[+-]?\d+)?|[\da-f-]{32,})?\s*")
"""Nothing, a web address, a number, or a code: capitals and digits without a space, or a long hexadecimal one."""


class ItemTable(NamedTuple):
    """What a folder says of its items.

    Attributes:
        path: the file.
        columns: the texts of each column but the numbers and original ids, entry i of item i.
        size: the number of items.
    """

    path: Path
    columns: Mapping[str, Sequence[str]]
    size: int


def read_item_table(folder: Path) -> ItemTable:
    r"""Reads ``items.tsv``.

    Raises:
        FileNotFoundError: there is none.
        ValueError: it is no table, lacks the column of ids, or its ids are not 0 to n - 1 (or 1 to n).

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> _ = (folder / "items.tsv").write_text("itemID\toriginal_id\ttitle\n1\tB7\tgreen tea\n0\tA3\tred shoe\n")
        >>> read_item_table(folder).columns
        {'title': ['red shoe', 'green tea']}
    """
    path = folder / FILE
    if not path.exists():
        raise FileNotFoundError(
            f"no {FILE} in {folder.absolute()}: encoders read what the items are from it (tab-separated, header itemID "
            "and further columns such as title or image)"
        )
    item = folder_options(folder, {})[0]["columns"]["item"]
    header = read_layout(path).header
    if item not in header:
        raise ValueError(f"{path}:1: no column '{item}' in the header {header}; set columns.item in dataset.yaml")
    ids, rows = _read(path, item, [name for name in header if name and name not in (item, *_IDS)])
    order = sorted(range(len(ids)), key=ids.__getitem__)
    return ItemTable(path, {name: [values[place] for place in order] for name, values in rows.items()}, len(ids))


def _read(path: Path, item: str, names: Sequence[str]) -> tuple[list[int], dict[str, list[str]]]:
    rows: dict[str, list[str]] = {name: [] for name in names}
    lines: dict[int, int] = {}
    for number, row in read_rows(path):
        if not row[item].isdecimal():
            raise ValueError(f"{path}:{number}: {item} must be a whole number in plain digits, found {row[item]!r}")
        if (first := lines.setdefault(int(row[item]), number)) != number:
            raise ValueError(f"{path}:{number}: item {row[item]} has a row already, on line {first}; keep one")
        for name in names:
            rows[name].append(row[name])
    ids = list(lines)
    if not ids:
        raise ValueError(f"{path}: no item is listed")
    if min(ids) not in (0, 1) or max(ids) - min(ids) != len(ids) - 1:
        raise ValueError(
            f"{path}: {len(ids)} items with ids from {min(ids)} to {max(ids)}; row i of the features belongs to item "
            "i, so every item needs a row here, from 0 (or 1) on without gaps"
        )
    return ids, rows


def choose_columns(table: ItemTable, chosen: Sequence[str] | None) -> list[str]:
    """The columns that are read as text: those that were chosen, else all with words in them.

    Ids, names of files, web addresses, numbers and codes such as B001EYH3AG are no words.

    Args:
        table: the items.
        chosen: names; ``None`` for a guess.

    Raises:
        ValueError: a name is not there.

    Example:
        >>> columns = {"title": ["red shoe", ""], "price": ["9.90", "4"], "image": ["a.jpg", "b.jpg"]}
        >>> choose_columns(ItemTable(Path("items.tsv"), columns, 2), None)
        ['title']
    """
    if chosen is not None:
        if unknown := [name for name in chosen if name not in table.columns]:
            raise ValueError(f"text_columns: {table.path} has no {unknown}; it has {list(table.columns)}")
        if not chosen:
            raise ValueError("text_columns=[]: name at least one; text=null leaves texts out")
        return list(dict.fromkeys(chosen))
    return [
        name
        for name, values in table.columns.items()
        if name not in _FILES and not all(map(_NO_WORDS.fullmatch, values))
    ]


def join_texts(table: ItemTable, columns: Sequence[str]) -> list[str]:
    """One text an item; empty where no column has anything to read.

    Example:
        >>> columns = {"title": ["red shoe", " "], "brand": ["Acme", ""]}
        >>> join_texts(ItemTable(Path("items.tsv"), columns, 2), ["title", "brand"])
        ['red shoe. Acme', '']
    """
    rows = zip(*(table.columns[name] for name in columns), strict=True)
    return [". ".join(value.strip() for value in row if _is_readable(value)) for row in rows]


def _is_readable(text: str) -> bool:
    """Whether something is to be seen: no-break and zero-width spaces are blank too."""
    return any(character.isprintable() and not character.isspace() for character in text)
