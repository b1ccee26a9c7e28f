"""Values of Python as the words of a command line, which Hydra's grammar reads back as they were."""

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra.core.override_parser.types import Quote, QuotedString

_NAME = re.compile(r"[a-zA-Z][\w\-]*", re.ASCII)
_OTHER_THINGS = ("null", "true", "false", "nan", "inf")


def setting(key: str, value: Any) -> str:
    """``key=value`` as one would type it.

    Args:
        key: dotted.
        value: None, a truth value, a number, text, or a list or mapping of such; arrays and tensors are taken as lists,
            what is one number of theirs as a number.

    Raises:
        ValueError: for a value that no configuration can hold; names the key.

    Example:
        >>> setting("dataset.features", {"audio": ["standardize", "l2"]})
        'dataset.features={audio:["standardize","l2"]}'
        >>> setting("model.num_layers", 2), setting("trainer.clip", None), setting("dataset.name", "null")
        ('model.num_layers=2', 'trainer.clip=null', 'dataset.name="null"')
    """
    return f"{key}={_written(value, key)}"


def _written(value: Any, key: str) -> str:
    if value is None:
        return "null"
    if hasattr(value, "tolist"):  # numpy's and torch's; repr(np.float64(1)) is no number
        return _written(value.tolist(), key)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return _number(value, key)
    if isinstance(value, str | Path):
        return _text(str(value), key)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_name(name, key)}:{_written(child, key)}" for name, child in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return "[" + ",".join(_written(child, key) for child in value) + "]"
    raise ValueError(
        f"{key}={value!r}: a configuration holds numbers, text, truth values, None, lists and mappings, no "
        f"{type(value).__name__}"
    )


def _name(name: Any, key: str) -> str:
    """The grammar has no quotes for names, and takes some for other things."""
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name.lower() in _OTHER_THINGS:
        raise ValueError(f"{key}: {name!r} is no name; a letter, then letters, digits, '_' and '-' make one")
    return name


def _number(value: float, key: str) -> str:
    if not math.isfinite(value):
        raise ValueError(f"{key}={value}: every number of a configuration must be finite")
    return repr(value)


def _text(value: str, key: str) -> str:
    if "${" in value:
        raise ValueError(f"{key}={value!r}: ${{...}} would be replaced by something else; write the value itself")
    return str(QuotedString(value, Quote.double).with_quotes())
