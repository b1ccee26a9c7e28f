"""Files that are written whole or not at all."""

import os
import re
import shutil
import signal
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import IO, Any

_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{32}\.tmp")
_HELD = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def signals_held() -> Iterator[None]:
    """SIGINT and SIGTERM that arrive meanwhile act at the end.

    What a handler raises would else come out of whatever runs at that moment: torch's writer turns it into a
    ``RuntimeError`` of its own, which nobody takes for a signal.
    """
    if threading.current_thread() is not threading.main_thread():  # signals are the main thread's
        yield
        return
    # Where C code has set a handler there is none that could be put back.
    handlers = {number: handler for number in _HELD if (handler := signal.getsignal(number)) is not None}
    arrived: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        arrived.append(number)

    try:
        for number in handlers:
            signal.signal(number, note)
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for signum in dict.fromkeys(arrived):
            signal.raise_signal(signum)


@contextmanager
def put_in_place(path: Path) -> Iterator[Path]:
    """Gives a name beside ``path`` for a file or a folder, and puts what is written there in its place at the end.

    Whoever reads ``path``, at any moment and after any crash, finds the old content or the new, never a part. If
    something fails, the old content stays and the new is removed.

    Args:
        path: what to write; its folder is created where missing. A folder takes the place of none, or an empty one.

    Raises:
        OSError: if it cannot be written; it names ``path`` and states that the previous content is untouched.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp()) / "new"
        >>> with put_in_place(folder) as part:
        ...     part.mkdir()
        ...     _ = (part / "note.txt").write_text("whole")
        ...     assert not folder.exists()
        >>> [path.name for path in folder.iterdir()], len(list(folder.parent.iterdir()))
        (['note.txt'], 1)
    """
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        for part in [temporary, *temporary.rglob("*")]:
            if part.is_file():
                _to_disk(part)
        os.replace(temporary, path)
    except OSError as error:
        reason = error.strerror or str(error)
        message = f"could not write {path} ({reason}); what was there before is untouched"
        raise OSError(error.errno, message) from error
    finally:
        _remove(temporary)


@contextmanager
def atomic_write(path: Path, mode: str = "w") -> Iterator[IO[Any]]:
    """Opens a temporary file beside ``path`` and puts it in its place once it is complete and on the disk.

    As :func:`put_in_place`; signals wait until it is written.

    Args:
        path: the file to write; its folder is created where missing.
        mode: ``"w"`` for text (UTF-8, newlines as written) or ``"wb"``.

    Raises:
        OSError: if the file cannot be written; it names ``path`` and states that the previous content is untouched.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> with atomic_write(folder / "note.txt") as file:
        ...     _ = file.write("whole")
        >>> (folder / "note.txt").read_text(), len(list(folder.iterdir()))
        ('whole', 1)
    """
    with signals_held(), put_in_place(path) as temporary, open_new(temporary, mode) as file:
        yield file


def open_new(path: Path, mode: str = "w") -> IO[Any]:
    """Opens a file to write: text is UTF-8 with newlines as they are written."""
    text = {} if "b" in mode else {"encoding": "utf-8", "newline": ""}
    return open(path, mode, **text)  # type: ignore[call-overload, no-any-return]


def _to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _remove(path: Path) -> None:
    """Removes a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    with suppress(OSError):  # gone already, unless something failed
        path.unlink()


def remove_unfinished(folder: Path) -> None:
    """Removes what a killed process left of what it was writing in ``folder``; what has other names stays."""
    for path in folder.glob(".*.tmp"):
        if _TEMPORARY.fullmatch(path.name):
            _remove(path)
