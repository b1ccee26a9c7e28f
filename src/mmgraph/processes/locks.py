"""One process at a time, whatever becomes of it."""

import fcntl
import os
from pathlib import Path


class FolderLock:
    """Held by a process until it gives it back or ends, by whatever signal; others see that at once.

    Args:
        path: the file that stands for the lock; it is made where missing and may stay.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / ".lock"
        >>> first, second = FolderLock(path), FolderLock(path)
        >>> first.take(), second.take()
        (True, False)
        >>> first.give_back()
        >>> second.take()
        True
        >>> second.give_back()
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether it is ours."""
        return self.descriptor is not None

    def take(self) -> bool:
        """Whether it is ours now."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(descriptor)
                return False
            if _is_file_at(self.path, descriptor):
                self.descriptor = descriptor
                return True
            os.close(descriptor)  # its last holder has removed it meanwhile

    def remove(self) -> None:
        """Gives it back and leaves no file."""
        if self.descriptor is not None:
            self.path.unlink(missing_ok=True)
            self.give_back()

    def give_back(self) -> None:
        """Lets others take it."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None


def _is_file_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False
