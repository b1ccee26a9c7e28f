"""Original ids: the row of each, those that begin alike, and what somebody may have meant."""

import bisect
import difflib
from collections.abc import Sequence

import numpy as np

_LOOKED_AT = 24
"""Ids on either side of where a wrong one would stand; to compare it with all of a million would take seconds."""
_SHOWN = 60


class UnknownIdError(LookupError):
    """An id that a run does not know.

    Args:
        kind: ``"user"`` or ``"item"``.
        wrong: the id.
        close: ids that somebody may have meant.
        others: some that there are, to be named where none is close.
    """

    def __init__(self, kind: str, wrong: str, close: Sequence[str], *, others: Sequence[str] = ()) -> None:
        hint = f"close to it: {', '.join(close)}" if close else f"ids are such as {', '.join(others)}"
        super().__init__(f"there is no {kind} {wrong!r:.{_SHOWN}} in this run; {hint}")
        self.close = list(close)


class IdLookup:
    """The ids of users, or of items, in the order of rows.

    Args:
        kind: what they are the ids of, ``"user"`` or ``"item"``.
        ids: one for each row.

    Example:
        >>> table = IdLookup("user", ["bo", "al", "bea"])
        >>> table.rows(["bea", "bo"]).tolist(), table.starting_with("b", limit=5)
        ([2, 0], ['bea', 'bo'])
        >>> table.rows(["ben"])
        Traceback (most recent call last):
            ...
        mmgraph.serve.ids.UnknownIdError: there is no user 'ben' in this run; close to it: bea
    """

    def __init__(self, kind: str, ids: Sequence[str]) -> None:
        self.kind = kind
        self.ids = list(ids)
        self._row = {name: row for row, name in enumerate(self.ids)}
        self._sorted = sorted(self.ids)

    def __len__(self) -> int:
        return len(self.ids)

    def row(self, name: str) -> int:
        """The row of an id.

        Raises:
            UnknownIdError: if it is not there.
        """
        return int(self.rows([name])[0])

    def rows(self, ids: Sequence[str]) -> np.ndarray:
        """The rows of some ids.

        Raises:
            UnknownIdError: for one that is not there.
        """
        try:
            found = [self._row[name] for name in ids]
        except KeyError as error:
            wrong = error.args[0]
            raise UnknownIdError(self.kind, wrong, self.close_to(wrong), others=self.ids[:3]) from None
        return np.array(found, dtype=np.int64)

    def starting_with(self, prefix: str, *, limit: int) -> list[str]:
        """Ids that begin with ``prefix``, in the order of the alphabet; the first ones where it is empty."""
        first = bisect.bisect_left(self._sorted, prefix)
        found = self._sorted[first : first + limit]
        return [name for name in found if name.startswith(prefix)]

    def close_to(self, wrong: str) -> list[str]:
        """Up to three ids, among those that stand near it in the alphabet, that somebody may have meant."""
        place = bisect.bisect_left(self._sorted, wrong.strip())
        near = self._sorted[max(place - _LOOKED_AT, 0) : place + _LOOKED_AT]
        return difflib.get_close_matches(wrong.strip()[:_SHOWN], near, n=3)
