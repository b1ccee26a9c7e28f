"""The words of a command, as its Python function states them in signature and docstring."""

import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

_ENTRY = re.compile(r"(?P<name>\w+): (?P<text>.*)")
_ROLE = re.compile(r":\w+:`~?([^`]*)`")
_WIDTH = 120
_INDENT = " " * 8


def word_list(function: Callable[..., Any]) -> str:
    """A paragraph for every keyword argument, for ``--help``.

    Args:
        function: documented in Google's style.

    Example:
        >>> def cook(dish: str, *, minutes: int = 1, oven: str | None = None) -> None:
        ...     '''Cooks.
        ...
        ...     Args:
        ...         dish: what is cooked.
        ...         minutes: how long;
        ...             ``0`` for raw food.
        ...         oven: which one.
        ...     '''
        >>> print(word_list(cook))
        words:
          minutes=1
                how long; 0 for raw food.
          oven=null
                which one.
    """
    meanings = dict(_arguments(inspect.getdoc(function) or ""))
    parameters = inspect.signature(function).parameters.values()
    words = [parameter for parameter in parameters if parameter.kind is inspect.Parameter.KEYWORD_ONLY]
    return "\n".join(["words:", *(_paragraph(word, meanings[word.name]) for word in words)])


def _paragraph(parameter: inspect.Parameter, meaning: str) -> str:
    default = "..." if parameter.default is inspect.Parameter.empty else _written(parameter.default)
    plain = _ROLE.sub(r"\1", meaning).replace("``", "").replace("None", "null")
    text = textwrap.fill(plain, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT, break_on_hyphens=False)
    return f"  {parameter.name}={default}\n{text}"


def _written(value: Any) -> str:
    """A value as it is written on the command line."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, list | tuple):
        return f"[{','.join(map(str, value))}]"
    return str(value)


def _arguments(docstring: str) -> Iterator[tuple[str, str]]:
    """The entries of the section ``Args:``, each on one line."""
    section = docstring.partition("\nArgs:\n")[2].partition("\n\n")[0]
    entries = re.split(r"\n(?=\w)", textwrap.dedent(section))
    for entry in entries:
        if found := _ENTRY.fullmatch(" ".join(entry.split())):
            yield found["name"], found["text"]
