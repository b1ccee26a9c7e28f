"""Files that are written whole or not at all."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

_TEMPORARY = ".tmp"


@contextmanager
def atomic_write(path: Path, mode: str = "w") -> Iterator[IO[Any]]:
    """Opens a temporary file beside ``path`` and puts it in its place once it is complete and on the disk.

    Whoever reads ``path``, at any moment and after any crash, finds the old content or the new, never a part. If
    writing fails (a full disk), the old file stays and the temporary one is removed.

    Args:
        path: the file to write; its folder is created where missing.
        mode: ``"w"`` for text (UTF-8, newlines as written) or ``"wb"``.

    Raises:
        OSError: if the file cannot be written; it names ``path`` and says that the previous content is untouched.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> with atomic_write(folder / "note.txt") as file:
        ...     _ = file.write("whole")
        >>> (folder / "note.txt").read_text(), len(list(folder.iterdir()))
        ('whole', 1)
    """
    text = {} if "b" in mode else {"encoding": "utf-8", "newline": ""}
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}{_TEMPORARY}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(temporary, mode, **text) as file:  # type: ignore[call-overload]
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        reason = error.strerror or str(error)
        message = f"could not write {path} ({reason}); what was there before is untouched"
        raise OSError(error.errno, message) from error
    finally:
        with suppress(OSError):  # gone already, unless something failed
            temporary.unlink()


def remove_unfinished(folder: Path) -> None:
    """Removes what a killed process left of the files it was writing in ``folder``."""
    for path in folder.glob(f".*{_TEMPORARY}"):
        path.unlink(missing_ok=True)
