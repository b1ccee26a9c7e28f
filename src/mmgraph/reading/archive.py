"""Several arrays in one ``.npz`` file that is not compressed."""

import io
import math
import zipfile
from pathlib import Path

import numpy as np
from jaxtyping import Shaped


def read_archive(path: Path) -> dict[str, Shaped[np.ndarray, "..."]]:
    """Reads all arrays, by name; each is compared with its checksum.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is damaged, compressed, or holds something else than plain arrays.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "tiny.npz"
        >>> np.savez(path, **{"a.b": np.arange(3)})
        >>> read_archive(path)
        {'a.b': array([0, 1, 2])}
    """
    with path.open("rb") as file:
        try:
            archive = zipfile.ZipFile(file)
            members = archive.infolist()
            if any(member.compress_type != zipfile.ZIP_STORED for member in members):
                raise ValueError("it is compressed, and may unpack to any size")
            return {member.filename.removesuffix(".npy"): _array(archive.read(member)) for member in members}
        except Exception as error:  # a damaged archive fails in a dozen ways, some of them the system's
            raise ValueError(f"{path}: cannot be read as arrays: {str(error) or type(error).__name__}") from error


def _array(content: bytes) -> np.ndarray:
    """The array of a member, whose header is judged before memory is taken."""
    file = io.BytesIO(content)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("its header is not of version 1.0")
    shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(file)
    if dtype.hasobject or is_fortran or math.prod(shape) * dtype.itemsize != len(content) - file.tell():
        raise ValueError("a header does not fit what follows")
    return np.frombuffer(content, dtype, offset=file.tell()).reshape(shape).copy()
