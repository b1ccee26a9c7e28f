"""The ids of users or items as people know them, and where each stands in the graph."""

import difflib
import re
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
import torch
from jaxtyping import Int, Int64
from torch import Tensor

from mmgraph.nn import find_sorted
from mmgraph.pipeline.recommend import as_index
from mmgraph.pipeline.serving.texts import Texts

_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,18}")
_LARGEST = np.iinfo(np.int64).max
_LOOKED_THROUGH = 20_000  # ids that are compared with a misspelt one: some tenths of a second


class UnknownIdError(ValueError):
    """An id that is not there.

    Args:
        message: says so.
        position: where it stands among those that were given.
    """

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


class IdTable:
    """Ids by row: texts, or numbers where the data have no others.

    Args:
        kind: what has them, ``"user"`` or ``"item"``.
        values: the id of each row, each one's own.

    Example:
        >>> table = IdTable("user", Texts.of(["alice", "bob"]))
        >>> table.rows(["bob"], name="users")
        tensor([1])
        >>> "bop" in table
        False
    """

    def __init__(self, kind: str, values: Texts | Int64[np.ndarray, " rows"]) -> None:
        self.kind = kind
        self.values = values

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.values)

    def __contains__(self, text: str) -> bool:
        """Whether there is an id that is written so."""
        if isinstance(self.values, Texts):
            return text in self._place
        return _is_number(text) and int(text) in self.values

    @property
    def is_text(self) -> bool:
        """Whether the ids are texts."""
        return isinstance(self.values, Texts)

    def ids(self, rows: Int[Tensor, "..."]) -> Int64[Tensor, "..."] | np.ndarray:
        """The ids of rows: an array of texts, ``None`` where a row is -1, or a tensor of numbers, -1 where it is."""
        if isinstance(self.values, Texts):
            return self.values.take(rows.numpy())
        return torch.from_numpy(self.values[rows.clamp(min=0).numpy()]).where(rows >= 0, -1)

    def rows(self, ids: Any, *, name: str) -> Int64[Tensor, " ids"]:
        """Where the nodes of these ids stand.

        Args:
            ids: texts or whole numbers; a number is the same as the text that it is written as.
            name: what they are called, for messages.

        Raises:
            ValueError: if there are none, or one is not there; names it, and those that look alike.
        """
        if isinstance(self.values, Texts):
            return self._rows_of_texts(_texts(ids, name), name)
        return self._rows_of_numbers(ids, name)

    def _rows_of_texts(self, wanted: list[str], name: str) -> Tensor:
        rows = [self._place.get(text, -1) for text in wanted]
        if -1 in rows:
            first = rows.index(-1)
            raise UnknownIdError(
                f"{name}: {self._absent(wanted[first], rows.count(-1))}{self._hint(wanted[first])}", first
            )
        return torch.tensor(rows)

    def _rows_of_numbers(self, ids: Any, name: str) -> Tensor:
        index = as_index(self._numbers(ids, name), name)
        raw = torch.from_numpy(np.asarray(self.values))
        order = self._order
        place, found = find_sorted(raw[order], index)
        absent = (~found).nonzero().flatten()
        if absent.numel():
            first = int(absent[0])
            raise UnknownIdError(f"{name}: {self._absent(int(index[first]), absent.numel())}{self._range}", first)
        return order[place]

    def _numbers(self, ids: Any, name: str) -> Any:
        """The same, with texts that are whole numbers as such."""
        listed = ids.tolist() if hasattr(ids, "tolist") and not isinstance(ids, Tensor) else ids
        if not isinstance(listed, list | tuple) or not any(isinstance(x, str) for x in listed):
            return listed
        for position, x in enumerate(listed):
            if isinstance(x, str) and not _is_number(x):
                raise UnknownIdError(f"{name}: {self._absent(x, 1)}{self._range}", position)
        return [int(x) for x in listed]

    @cached_property
    def _place(self) -> dict[str, int]:
        return {text: row for row, text in enumerate(self.values)}

    @cached_property
    def _order(self) -> Tensor:
        return torch.from_numpy(np.argsort(self.values, kind="stable"))

    @property
    def _range(self) -> str:
        numbers = self.values
        assert isinstance(numbers, np.ndarray)
        return f": ids are {len(numbers):,} numbers from {numbers.min()} to {numbers.max()}"

    def _absent(self, first: str | int, count: int) -> str:
        others = f" (and {count - 1:,} others are not there)" if count > 1 else ""
        return f"there is no {self.kind} {first!r} in the data{others}"

    def _hint(self, text: str) -> str:
        """Which ids may have been meant."""
        close = list(dict.fromkeys([*self._alike(text), *difflib.get_close_matches(text, self._near(text), n=3)]))
        if close:
            return f"; did you mean {' or '.join(map(repr, close[:3]))}?"
        return f"; its ids are such as {', '.join(map(repr, islice(self.values, 3)))}"

    def _alike(self, text: str) -> Iterator[str]:
        """Ids that differ in white space and in capitals only."""
        wanted = text.strip().casefold()
        return islice((other for other in self._place if other.strip().casefold() == wanted), 3)

    def _near(self, text: str) -> list[str]:
        """Ids of about this length, those with the same beginning before others; not all of a million."""
        near = [other for other in self._place if abs(len(other) - len(text)) <= 2]
        begin = [other for other in near if other[:2] == text[:2]]
        return (begin or near)[:_LOOKED_THROUGH]


def _is_number(text: str) -> bool:
    """Whether a number is written in this way, and in no other."""
    return _WHOLE.fullmatch(text) is not None and abs(int(text)) <= _LARGEST


def _texts(ids: Any, name: str) -> list[str]:
    listed = ids.tolist() if hasattr(ids, "tolist") else ids
    fits = isinstance(listed, list | tuple | range) and len(listed) > 0 and all(map(_is_id, listed))
    if not fits:
        raise ValueError(f"{name} must be a list of ids, such as ['alice', 'bob']; got {ids!r:.80}")
    return [str(x) for x in listed]


def _is_id(x: Any) -> bool:
    return isinstance(x, str | int | np.integer) and not isinstance(x, bool)
