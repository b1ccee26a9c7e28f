"""The file of interactions that is too large to be read at once, read block by block."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Int64

from mmgraph.datasets.inter_file import KINDS, Checks, wanted_columns
from mmgraph.datasets.split import needed_columns
from mmgraph.reading import column_blocks

_LARGEST = np.iinfo(np.int32).max - 1
_BYTES_A_LINE = 4  # "0\t0\n"


class Counts(NamedTuple):
    """What is known of a file after its first reading.

    Attributes:
        user: how many interactions each id of a user has, from id 0 on.
        item: likewise.
    """

    user: Int64[np.ndarray, " ids"]
    item: Int64[np.ndarray, " ids"]


class Source:
    """``NAME.inter``, some rows at a time, each block checked as it comes.

    Args:
        path: the file.
        split: decides which columns are read.
        separator: the character between fields.
        columns: header names that differ from MMRec's, by meaning.
        num_rows: rows of the features, which may know more items than the file.

    Raises:
        ValueError: users or items have no column, or a name means two things.
    """

    def __init__(
        self,
        path: Path,
        *,
        split: str = "auto",
        separator: str = "\t",
        columns: Mapping[str, str] | None = None,
        num_rows: int = 0,
    ) -> None:
        self.path = path
        # What is counted has an entry for each id: one beyond all lines would be behind a gap, and take any memory.
        self.largest = min(_LARGEST, max(path.stat().st_size // _BYTES_A_LINE + 1, num_rows))
        self.separator = separator
        self.row_of_largest = {"user": 0, "item": 0}
        optional = needed_columns(split)
        self.names = wanted_columns(path, separator=separator, columns=columns, optional=optional)
        self.checks = Checks(path, separator, self.names)

    def blocks(self) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
        """Yields columns by meaning, with the number of the first row; what the file lacks is left out.

        Raises:
            ValueError: a value breaks a rule of :func:`~mmgraph.datasets.inter_file.read_interactions`; names the line.
        """
        kinds = {name: KINDS[column] for column, name in self.names.items()}
        first = 0
        for found in column_blocks(self.path, kinds, separator=self.separator):
            values = {column: found[name] for column, name in self.names.items() if name in found}
            if len(values["user"]):
                self.checks.values(values, (), first=first)
                yield first, values
            first += len(values["user"])

    def count(self) -> Counts:
        """Reads the whole file once.

        Raises:
            ValueError: users' ids have gaps, an id is too large, or there are no interactions.
        """
        degrees = {"user": np.zeros(0, dtype=np.int64), "item": np.zeros(0, dtype=np.int64)}
        for first, values in self.blocks():
            for side, degree in degrees.items():
                self._check_size(values[side], side, first)
                if (largest := int(values[side].max())) >= len(degree):
                    self.row_of_largest[side] = first + int(values[side].argmax())
                degrees[side] = _added(degree, np.bincount(values[side], minlength=largest + 1))
        if not len(degrees["user"]):
            raise ValueError(f"{self.path}: no interactions below the header")
        self.check_gaps(degrees["user"], "user")
        return Counts(degrees["user"], degrees["item"])

    def check_gaps(self, degree: Int64[np.ndarray, " ids"], side: str) -> None:
        """Raises where an id between the first and the largest does not occur."""
        self.checks.gaps(np.flatnonzero(degree), side, self.row_of_largest[side])

    def _check_size(self, ids: np.ndarray, side: str, first: int) -> None:
        if (largest := int(ids.max())) > self.largest:
            line = self.checks.line(first + int(ids.argmax()))
            raise ValueError(
                f"{self.path}:{line}: {side} ids must be without gaps, from 0 or 1 on, and below 2^31; found {largest}"
            )

    def raise_repeated(self, user: int, item: int, count: int) -> None:
        """Names the lines of a pair that stands twice; reads the file until there."""
        rows: list[int] = []
        for first, values in self.blocks():
            rows += (first + np.flatnonzero((values["user"] == user) & (values["item"] == item))).tolist()
            if len(rows) > 1:
                self.checks.repeated(user, item, (rows[0], rows[1]), count)


def _added(degree: np.ndarray, more: np.ndarray) -> np.ndarray:
    if len(more) > len(degree):
        degree, more = more, degree
    degree[: len(more)] += more
    return degree


def row_dtype(values: Mapping[str, Any]) -> np.dtype:
    """The type of a row with these columns."""
    codes = {"user": "<i4", "item": "<i4", "x_label": "<i1", "timestamp": "<f8"}
    return np.dtype([(column, codes[column]) for column in codes if column in values])
