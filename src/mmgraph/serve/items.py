"""The item table: what people know of each item, and the items whose title has some words."""

import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np

from mmgraph.serve.ids import IdLookup

_TITLES = ("title", "name")
_IMAGE = "image"
_ENOUGH = 1000
"""Matches that are found before the best of them are shown."""
_LOOKED_AT = 50_000
"""Lines with the longest word that are looked at for the other words: some 50 ms."""


class ItemTable:
    """Ids, columns for people, and a search over titles.

    Args:
        ids: one for each row.
        columns: texts by name of the column, one for each row; ``title`` (or ``name``) is what is searched and shown,
            ``image`` the name of a picture's file.

    Example:
        >>> table = ItemTable(["a1", "b2"], {"title": ["Blue mug", "Café chair"], "price": ["4", "90"]})
        >>> table.search("cafe", limit=5).tolist(), table.search("M", limit=5).tolist(), table.columns_of(0)
        ([1], [0], {'title': 'Blue mug', 'price': '4'})
    """

    def __init__(self, ids: Sequence[str], columns: Mapping[str, Sequence[str]]) -> None:
        self.ids = IdLookup("item", ids)
        self._columns = dict(columns)
        self.title_column = next((name for name in _TITLES if name in columns), None)
        titles = columns[self.title_column] if self.title_column else [""] * len(ids)
        # One text to look through: that of a million titles takes some twenty milliseconds.
        lines = [f" {_folded(title)} {_folded(name)}" for title, name in zip(titles, self.ids.ids, strict=True)]
        self._starts = np.cumsum([0, *(len(line) + 1 for line in lines)])
        self._text = "\n".join(lines)

    def __len__(self) -> int:
        return len(self.ids)

    def columns_of(self, row: int) -> dict[str, str]:
        """What the table states of an item; empty fields are left out."""
        return {name: column[row] for name, column in self._columns.items() if column[row]}

    def image_name(self, row: int) -> str | None:
        """The file name of its picture, as the table has it."""
        names = self._columns.get(_IMAGE)
        return names[row] or None if names else None

    def search(self, query: str, *, limit: int) -> np.ndarray:
        """Rows of items whose title or id has all words of ``query``; those where they begin words come first.

        Without words these are the first rows. Case and accents make no difference.
        """
        words = _folded(query).split()
        if not words:
            return np.arange(min(limit, len(self)))
        matches = self._matches(words)
        return np.array([row for _, row in sorted(matches)[:limit]], dtype=np.int64)

    def _matches(self, words: Sequence[str]) -> list[tuple[int, int]]:
        """How many of the words begin none in the line, and the row."""
        needle = max(words, key=len)
        found: list[tuple[int, int]] = []
        position = self._text.find(needle)
        for _ in range(_LOOKED_AT):
            if position < 0 or len(found) == _ENOUGH:
                break
            row = int(np.searchsorted(self._starts, position, side="right")) - 1
            end = int(self._starts[row + 1])
            line = self._text[int(self._starts[row]) : end]
            if all(word in line for word in words):
                found.append((sum(f" {word}" not in line for word in words), row))
            position = self._text.find(needle, end)
        return found


def _folded(text: str) -> str:
    """The text without case, accents and line breaks."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in apart if not unicodedata.combining(c)).split())
