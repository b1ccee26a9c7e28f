"""Many texts in two arrays."""

import itertools
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from jaxtyping import Int64, UInt8


class Texts(Sequence[str]):
    """Texts as UTF-8 in one piece: a million of them are their bytes until they are asked for.

    Args:
        content: the bytes of all texts, one after the other.
        offset: where each begins, and where the last one ends.

    Raises:
        ValueError: if the offsets are not of this content.

    Example:
        >>> texts = Texts.of(["alice", "größe"])
        >>> texts[1], len(texts), texts.content.size
        ('größe', 2, 12)
    """

    def __init__(self, content: UInt8[np.ndarray, " bytes"], offset: Int64[np.ndarray, " ends"]) -> None:
        if not offset.size or offset[0] != 0 or offset[-1] != content.size or (np.diff(offset) < 0).any():
            raise ValueError("the offsets of texts must ascend from 0 to the number of their bytes")
        self.content = content
        self.offset = offset

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Texts":
        """The texts, encoded."""
        encoded = [text.encode() for text in texts]
        offset = np.zeros(len(encoded) + 1, dtype=np.int64)
        np.cumsum([len(text) for text in encoded], out=offset[1:])
        return cls(np.frombuffer(b"".join(encoded), dtype=np.uint8), offset)

    def __len__(self) -> int:
        """Number of texts."""
        return len(self.offset) - 1

    def __getitem__(self, row):  # type: ignore[no-untyped-def]  # slices are nobody's need
        """The text of a row."""
        return self.content[self.offset[row] : self.offset[row + 1]].tobytes().decode()

    def __iter__(self) -> Iterator[str]:
        content = self.content.tobytes()
        ends = self.offset.tolist()
        return (content[start:end].decode() for start, end in itertools.pairwise(ends))

    def take(self, rows: Int64[np.ndarray, "..."]) -> np.ndarray:
        """The texts of these rows, as an array of Python's texts; ``None`` where a row is negative."""
        wanted, place = np.unique(rows, return_inverse=True)
        found = np.array([None if row < 0 else self[row] for row in wanted.tolist()], dtype=object)
        return found[place].reshape(rows.shape)
