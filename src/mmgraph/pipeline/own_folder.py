"""A folder for a run that was given none."""

import os
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import Any


class OwnFolder:
    """A temporary folder, removed when nobody holds this object any more, or when the process ends.

    Copies hold the same one; a pickle does not.

    Example:
        >>> own = OwnFolder()
        >>> path = own.path
        >>> path.is_dir()
        True
        >>> del own
        >>> path.is_dir()
        False
    """

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="mmgraph-"))
        weakref.finalize(self, _remove, self.path, os.getpid())

    def __deepcopy__(self, memo: dict[int, Any]) -> "OwnFolder":
        """The same: there is one folder."""
        return self

    def remove(self) -> None:
        """Removes it now."""
        shutil.rmtree(self.path, ignore_errors=True)


def _remove(path: Path, owner: int) -> None:
    if os.getpid() == owner:  # a forked process ends with copies of what its parent still needs
        shutil.rmtree(path, ignore_errors=True)
