"""What the items have of a modality: which of them have it, and how to load it."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Generic

from mmgraph.prepare.features.encoder import Content

BAD_FILES = ("error", "skip")


class Contents(ABC, Generic[Content]):
    """The contents of one modality, one an item.

    Attributes:
        names: what stands for each item's content, empty where it has none: a text, or the name of a file.
    """

    names: Sequence[str]

    def __len__(self) -> int:
        """Number of items."""
        return len(self.names)

    @abstractmethod
    def load(self, item: int) -> Content | None:
        """The content of an item that has one; None where it turns out to be unreadable, and that is allowed."""

    @property
    @abstractmethod
    def digest(self) -> str:
        """SHA-256 of what is to be encoded."""

    def load_all(self) -> Iterator[Content]:
        """The contents of the items that have some, one after the other."""
        for item, name in enumerate(self.names):
            if name and (content := self.load(item)) is not None:
                yield content


class Texts(Contents[str]):
    """Texts in memory.

    Args:
        texts: one an item, empty where it has none.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.names = texts

    def load(self, item: int) -> str:
        """The text."""
        return self.names[item]

    @property
    def digest(self) -> str:
        """SHA-256 over the texts."""
        return _digest(self.names)


class Files(Contents[Content]):
    """Files in a folder; those that are not there count as missing.

    Args:
        names: of the files, one an item, empty where it has none.
        folder: where they lie.
        read: opens one.
        bad: ``error`` to stop at a file that cannot be read, ``skip`` to leave it out.

    Raises:
        ValueError: a name leads out of the folder, or there are no names.
    """

    def __init__(self, names: Sequence[str], folder: Path, read: Callable[[Path], Content], *, bad: str) -> None:
        for name in names:
            if Path(name).is_absolute() or ".." in Path(name).parts:
                raise ValueError(f"{name!r} leads out of {folder}: write names of files in it")
        self.names = [name if name and (folder / name).is_file() else "" for name in names]
        self.absent = [name for name, found in zip(names, self.names, strict=True) if name and not found]
        self._folder = folder
        self._read = read
        self._bad = bad
        if not any(names):
            raise ValueError("it names no file at all")

    def load(self, item: int) -> Content | None:
        """Opens the file.

        Raises:
            ValueError: it cannot be read, and ``bad`` is ``error``.
        """
        try:
            return self._read(self._folder / self.names[item])
        except ValueError as error:
            if self._bad == "error":
                raise ValueError(
                    f"item {item}: {error}. Mend it or empty its name; bad_images=skip skips images"
                ) from error
            return None

    @property
    def digest(self) -> str:
        """SHA-256 over the names and sizes of the files; their contents take as long to read as to encode."""
        return _digest([f"{name}\t{(self._folder / name).stat().st_size}" if name else "" for name in self.names])


def _digest(parts: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(8, "little"))
        digest.update(encoded)
    return digest.hexdigest()
