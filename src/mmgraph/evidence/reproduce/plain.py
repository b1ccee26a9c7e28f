"""Plain data in YAML, read strictly: what is mistyped is an error that names its place.

Every function takes what was read and its place, for messages, and raises a ``ValueError``.
"""

import difflib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import yaml


def read_plain(path: Path) -> Any:
    """What a file holds.

    Raises:
        ValueError: if a key stands twice.
        yaml.YAMLError: if it is no YAML.
    """
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # plain data only


class _Loader(yaml.SafeLoader):
    """Plain data; a key that stands twice is an error."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = [key for key in keys if keys.count(key) > 1]
        if twice:
            raise ValueError(f"line {node.start_mark.line + 1}: {twice[0]} stands twice")
        return super().construct_mapping(node, deep)


def mapping(content: Any, place: str, known: Collection[str] = (), needed: Collection[str] = ()) -> dict[str, Any]:
    """A mapping; with ``known`` none of its keys may be another, and none of ``needed`` may lack."""
    if not isinstance(content, dict):
        raise ValueError(f"{place} must be a mapping, got {content!r:.80}")
    found = {str(key): value for key, value in content.items()}
    for key in found:
        if known and key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            meant = f"; did you mean {close[0]}?" if close else ""
            raise ValueError(f"{place} has no key {key!r}{meant}; the keys are {', '.join(sorted(known))}")
    if missing := [key for key in needed if key not in found]:
        raise ValueError(f"{place} lacks {', '.join(sorted(missing))}")
    return found


def named_texts(content: Any, place: str) -> dict[str, str]:
    """A mapping to texts."""
    return {key: text(value, f"{place}.{key}") for key, value in mapping(content, place).items()}


def list_of(content: Any, place: str) -> Sequence[Any]:
    """A list."""
    if not isinstance(content, list):
        raise ValueError(f"{place} must be a list, got {content!r:.80}")
    return content


def texts(content: Any, place: str) -> tuple[str, ...]:
    """A list of texts."""
    return tuple(text(value, place) for value in list_of(content, place))


def text(content: Any, place: str) -> str:
    """A text."""
    if not isinstance(content, str):
        raise ValueError(f"{place} must be a text, got {content!r:.80}")
    return content


def truth(content: Any, place: str) -> bool:
    """True or false."""
    if not isinstance(content, bool):
        raise ValueError(f"{place} must be true or false, got {content!r:.80}")
    return content


def choice(content: Any, place: str, known: Collection[str]) -> str:
    """One of those known."""
    if not isinstance(content, str) or content not in known:
        raise ValueError(f"{place} must be one of {', '.join(known)}, got {content!r:.80}")
    return content
