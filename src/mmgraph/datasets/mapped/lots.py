"""Rows in files, in lots that memory holds one at a time: how more is sorted than fits."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Int64, Shaped

LOT_ROWS = 2**22
"""Rows of a lot, more only where one key has more."""


class Lots:
    """Rows by ranges of a key.

    Args:
        folder: an empty one, for a file a lot.
        count: how many rows each key has.
        dtype: of a row, with named fields.
        size: rows of a lot.

    Example:
        >>> import tempfile
        >>> row = np.dtype([("user", "<i4"), ("item", "<i4")])
        >>> lots = Lots(Path(tempfile.mkdtemp()), np.array([1, 2, 1]), row, size=2)
        >>> rows = np.array([(2, 7), (0, 5), (1, 6), (1, 4)], dtype=row)
        >>> lots.add(rows["user"], rows)
        >>> [lot.tolist() for lot in lots]
        [[(0, 5), (1, 6), (1, 4)], [(2, 7)]]
    """

    def __init__(self, folder: Path, count: Int64[np.ndarray, " keys"], dtype: np.dtype, size: int = LOT_ROWS) -> None:
        self.folder = folder
        self.dtype = dtype
        self.lot_of_key = ((count.cumsum() - count) // size).astype(np.int32)

    def add(self, key: Shaped[np.ndarray, " n"], rows: Shaped[np.ndarray, " n"]) -> None:
        """Puts rows into the lots of their keys, behind those that are there."""
        lot = self.lot_of_key[key]
        order = np.argsort(lot, kind="stable")
        lot, rows = lot[order], rows[order]
        firsts = np.flatnonzero(np.diff(lot, prepend=-1))
        for first, part in zip(firsts, np.split(rows, firsts[1:]), strict=False):
            with self._path(int(lot[first])).open("ab") as file:
                part.tofile(file)

    def __iter__(self) -> Iterator[np.ndarray]:
        """Yields the rows of each lot, in the order in which they came, and removes them."""
        for number in np.unique(self.lot_of_key).tolist():
            path = self._path(number)
            rows = np.fromfile(path, dtype=self.dtype) if path.exists() else np.empty(0, dtype=self.dtype)
            path.unlink(missing_ok=True)
            yield rows

    def _path(self, number: int) -> Path:
        return self.folder / f"lot-{number}.bin"
