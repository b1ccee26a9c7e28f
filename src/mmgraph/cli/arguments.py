"""``key=value`` words as the arguments of a Python function, for commands whose words are no configuration."""

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import yaml

Reader = Callable[[str, str], Any]
"""Takes the name of a word and what stands behind its ``=``."""


def read_arguments(words: Sequence[str], readers: Mapping[str, Reader]) -> dict[str, Any]:
    """The arguments that words give; ``null`` leaves one as it is without the word.

    Args:
        words: of the command line.
        readers: what makes a value of a text, by the name of the word.

    Raises:
        ValueError: if a word is none of these, comes twice or has no value.

    Example:
        >>> read_arguments(["users=[alice, 007]", "k=3", "deny=null"], {"users": texts, "k": number, "deny": texts})
        {'users': ['alice', '007'], 'k': 3}
    """
    found: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if name not in readers:
            close = difflib.get_close_matches(name, readers, n=1)
            hint = f"did you mean {close[0]}? Words" if close else "words"
            raise ValueError(f"there is no {name!r}: {hint} are {', '.join(f'{key}=' for key in readers)}")
        if not equals or not value:
            raise ValueError(f"{name} needs a value: write {name}=VALUE")
        if name in found:
            raise ValueError(f"{name}= stands twice; a list is written '{name}=[a, b]'")
        found[name] = None if value == "null" else readers[name](name, value)
    return {name: value for name, value in found.items() if value is not None}


def text(name: str, value: str) -> str:
    """The value as it stands there."""
    return value


def number(name: str, value: str) -> int:
    """A whole number.

    Raises:
        ValueError: if it is none.
    """
    try:
        return int(value)
    except ValueError:
        raise ValueError(f"{name}={value}: must be a whole number") from None


def texts(name: str, value: str) -> str | list[str]:
    """A text, or a list of texts in brackets: all as they are written, for an id such as 007 is no number.

    Raises:
        ValueError: if it is a list that cannot be read.
    """
    if not value.startswith("["):
        return value
    try:
        found = yaml.load(value, Loader=yaml.BaseLoader)  # knows texts, lists and mappings only
    except yaml.YAMLError as error:
        found = error
    if not isinstance(found, list) or not all(isinstance(part, str) for part in found):
        raise ValueError(f"{name}={value}: must be a list such as '[a, b]'; quote what has commas: '[\"a, b\", c]'")
    return found
