"""Messages of a class name its arguments; whoever types a configuration wants their place in it."""

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from mmgraph.config.arguments import parameters_of
from mmgraph.config.memory import is_out_of_memory

_BROKEN_BY_ARGUMENTS = (TypeError, AttributeError, IndexError, AssertionError, ArithmeticError, RuntimeError)
_ALSO_FILES = r"\.(npy|inter|pt|pkl|tsv|csv|json|yaml|txt)\b"


@contextmanager
def errors_in_place(place: str, cls: type, *, given: Collection[str] = ()) -> Iterator[None]:
    """Errors raised in the block name the arguments of ``cls`` as one can type them.

    Args:
        place: where the configuration gives these arguments, such as ``dataset``.
        cls: whose constructor or method runs in the block.
        given: arguments that code gives and nobody can type: ``graph=none`` in a model's message is a word as it is.

    Raises:
        ValueError: for an error by which classes that do not check their arguments fail; names the place.

    Example:
        >>> class Table:
        ...     def __init__(self, num_rows, columns): raise ValueError("num_rows must be at least 1; set columns.item")
        >>> with errors_in_place("dataset", Table):
        ...     Table(0, None)
        Traceback (most recent call last):
            ...
        ValueError: dataset.num_rows must be at least 1; set dataset.columns.item
    """
    try:
        yield
    except (ValueError, KeyError) as error:
        if len(error.args) == 1 and isinstance(error.args[0], str):
            error.args = (_placed(error.args[0], place, cls, given),)
        raise
    except _BROKEN_BY_ARGUMENTS as error:
        if is_out_of_memory(error):
            raise
        raise ValueError(f"{place}: {cls.__name__} does not work with these arguments: {error}") from error


def _placed(message: str, place: str, cls: type, given: Collection[str]) -> str:
    names = [re.escape(name) for name in parameters_of(cls) if name not in {"self", *given}]
    if not names:
        return message
    several_words = [name for name in names if "_" in name] or [r"(?!)"]
    sure = rf"(?:{'|'.join(names)})(?=\.\w|=|:|\s+must\b)|(?:{'|'.join(several_words)})(?![\w(=])"
    placed = re.sub(rf"(?<![\w.\-/'\"\[*<])({sure})(?!{_ALSO_FILES})", rf"{place}.\1", message)
    ours = cls.__module__.split(".")[0] == "mmgraph"
    return placed if ours or placed != message else f"{place}: {message}"
