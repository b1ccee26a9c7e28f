"""A vector in a ``.npy`` file that is written piece by piece."""

from pathlib import Path
from types import TracebackType

import numpy as np
from jaxtyping import Shaped


class GrowingArray:
    """Appends to a ``.npy`` file; the header states the length at the end.

    Args:
        path: the file, which is written anew.
        dtype: of the numbers.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "x.npy"
        >>> with GrowingArray(path, np.int32) as array:
        ...     array.append(np.array([3, 1]))
        ...     array.append(np.array([4]))
        >>> np.load(path)
        array([3, 1, 4], dtype=int32)
    """

    def __init__(self, path: Path, dtype: np.typing.DTypeLike) -> None:
        self.dtype = np.dtype(dtype)
        self.size = 0
        self._file = path.open("wb")
        self._write_header()

    def append(self, values: Shaped[np.ndarray, " n"]) -> None:
        """Adds numbers at the end."""
        self._file.write(np.ascontiguousarray(values, dtype=self.dtype).data)
        self.size += len(values)

    def _write_header(self) -> None:
        # NumPy leaves room in it for any length.
        description = {"descr": self.dtype.str, "fortran_order": False, "shape": (self.size,)}
        np.lib.format.write_array_header_1_0(self._file, description)

    def __enter__(self) -> "GrowingArray":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file:
            self._file.seek(0)
            self._write_header()
