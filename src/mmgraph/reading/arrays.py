"""Arrays in ``.npy`` files: the header is judged before memory is taken, and the content comes in blocks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32, Shaped

BLOCK_BYTES = 2**22
REAL = "fiu"
"""NumPy's letters of the data types of whole and decimal numbers."""
FLOATS = "f"
"""The letter of decimal numbers alone."""


def open_array(path: Path) -> Shaped[np.ndarray, "..."]:
    """Maps an array without reading it; a header that claims more than the file holds, or Python objects, is refused.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no plain ``.npy`` array.
    """
    if path.exists() and not path.is_file():
        raise ValueError(f"{path}: must be a .npy file, found a folder or a device")
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError:
        raise
    except Exception as error:  # a damaged header fails in a dozen ways inside NumPy
        raise ValueError(
            f"{path}: cannot be read as a plain .npy array: {str(error) or type(error).__name__}. It is cut off or "
            "damaged, or holds Python objects (which are never unpickled); write it again with numpy.save from a "
            "numeric array"
        ) from error
    if not isinstance(array, np.memmap):
        with array:
            raise ValueError(f"{path}: must be one .npy array, found an archive of {sorted(array)[:5]}")
    return array


def open_matrix(path: Path, *, kinds: str = REAL) -> "np.memmap[Any, Any]":
    """Maps a matrix of numbers without reading it.

    Args:
        path: a ``.npy`` file.
        kinds: :data:`REAL` or :data:`FLOATS`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no plain ``.npy`` array, or no matrix of such numbers.
    """
    array = open_array(path)
    if array.ndim != 2 or not array.shape[1] or array.dtype.kind not in kinds:
        what = "floats" if kinds == FLOATS else "real numbers"
        raise ValueError(f"{path}: must be a matrix of {what}, found {array.dtype} of shape {array.shape}")
    assert isinstance(array, np.memmap)
    return array


def map_matrix(path: Path) -> "np.memmap[Any, Any]":
    """Maps a matrix of floats as it lies in the file, in half or single precision, for reading as it is used.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no plain ``.npy`` array, or no such matrix, row by row.
    """
    array = open_matrix(path)
    if array.dtype not in (np.float16, np.float32) or not array.flags.c_contiguous:
        order = "row by row" if array.flags.c_contiguous else "column by column"
        raise ValueError(
            f"{path}: is read as it lies (mapped_features=true), so must be float16 or float32, row by row, found "
            f"{array.dtype}, {order}; write it so with numpy.save, or leave mapped_features out"
        )
    # Copy on write: nobody writes, but torch takes no array that is read-only.
    return np.load(path, mmap_mode="c", allow_pickle=False)  # type: ignore[no-any-return]


def read_matrix(path: Path, *, kinds: str = REAL) -> Float32[np.ndarray, "rows columns"]:
    """Reads a matrix of numbers as float32; at no time is more held than the result and a block of the file.

    A number too large for float32 becomes Inf: whoever calls judges what is finite.

    Args:
        path: a ``.npy`` file.
        kinds: :data:`REAL` or :data:`FLOATS`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no plain ``.npy`` array, or no matrix of such numbers.
    """
    array = open_matrix(path, kinds=kinds)
    x = np.empty(array.shape, dtype=np.float32)
    stored = x if array.flags.c_contiguous else x.T
    with path.open("rb") as file, np.errstate(over="ignore"):
        file.seek(array.offset)
        # Pages of the map would count as memory of the process, once more the size of the file.
        for rows in row_blocks(stored, item_bytes=max(4, array.itemsize)):
            block = np.fromfile(file, dtype=array.dtype, count=stored[rows].size)
            if block.size != stored[rows].size:
                raise ValueError(f"{path}: was cut off while it was read; start again")
            stored[rows] = block.reshape(-1, stored.shape[1])
    return x


def row_blocks(x: np.ndarray, *, item_bytes: int = 4) -> Iterator[slice]:
    """Slices of rows that take :data:`BLOCK_BYTES` each, for work that would otherwise double the memory of ``x``.

    Example:
        >>> list(row_blocks(np.zeros((5, 2**19))))
        [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    step = max(1, BLOCK_BYTES // max(1, item_bytes * x.shape[1]))
    for start in range(0, len(x), step):
        yield slice(start, min(start + step, len(x)))
