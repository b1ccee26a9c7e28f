"""What turns texts, images or sounds into vectors."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any, Generic, TypeVar

import numpy as np
from jaxtyping import Float32

Content = TypeVar("Content")
"""What an encoder reads of an item: a text, an image, a sound."""


class Encoder(ABC, Generic[Content]):
    """Turns the texts, images or sounds of items into vectors, a part of the items at a time.

    Only :meth:`encode` and :attr:`recipe` must be written.
    """

    at_once: int = 1024
    """Contents handed to :meth:`encode` at once, at the most."""

    def fit(self, contents: Iterable[Content]) -> None:
        """Learns from the contents of all items, before the first call of :meth:`encode`.

        Args:
            contents: of the items that have some, loaded one by one.

        Raises:
            ValueError: nothing can be learned from them; the message says why.
        """

    @abstractmethod
    def encode(self, contents: Sequence[Content]) -> Float32[np.ndarray, "items dim"]:
        """A row for each; a row of zeros where the encoder finds nothing in a content."""

    @property
    @abstractmethod
    def recipe(self) -> dict[str, Any]:
        """What makes the vectors besides the contents, as JSON has it: with an equal recipe they are the same."""


def versions(*packages: str) -> dict[str, str]:
    """The installed versions of packages.

    >>> sorted(versions("numpy", "torch"))
    ['numpy', 'torch']
    """
    return {package: version(package) for package in packages}
