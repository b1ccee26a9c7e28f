"""The largest entries of sparse rows."""

import numpy as np
from jaxtyping import Int, Shaped


def top_entries(
    row: Int[np.ndarray, " entries"],
    col: Int[np.ndarray, " entries"],
    weight: Shaped[np.ndarray, " entries"],
    k: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The k heaviest entries of each row as ``(row, col, weight)``, by row, falling weight and rising column.

    Args:
        row: of the entries, in any order.
        col: column of each.
        weight: of each; of equal ones those of lower columns are kept.
        k: entries kept of a row; one with fewer keeps all.

    Example:
        >>> row, col, weight = top_entries(np.array([1, 0, 0, 0]), np.array([0, 2, 1, 0]), np.array([5, 3, 3, 1]), 2)
        >>> row.tolist(), col.tolist(), weight.tolist()
        ([0, 0, 1], [1, 2, 0], [3, 3, 5])
    """
    order = np.lexsort((col, -weight, row))
    row = row[order]
    kept = np.arange(row.size) - np.searchsorted(row, row) < k
    return row[kept], col[order][kept], weight[order][kept]
