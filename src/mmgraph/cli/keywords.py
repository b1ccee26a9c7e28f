"""``key=value`` on a command line as the arguments of a Python function: the same names, the types that it states."""

import difflib
import inspect
import re
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Union, get_args, get_origin

import yaml

_WORD = re.compile(r"(?P<key>[A-Za-z_]\w*)(?:\.(?P<part>[\w-]+))?=(?P<value>.*)", re.DOTALL)
_TRUTH = {"true": True, "false": False}


def split_words(words: Sequence[str], function: Callable[..., Any]) -> tuple[list[str], dict[str, Any]]:
    """Divides words into those that stand alone and keyword arguments of a function.

    Args:
        words: the command line. ``key=null`` is None, ``key=[a,b]`` a list, ``key.part=value`` an entry of a mapping.
        function: states the names and types.

    Raises:
        ValueError: a name is not known (lists those that are), stands twice, or its value is of another type.

    Example:
        >>> def cook(*dishes: str, minutes: int = 1, spices: Mapping[str, str] | None = None) -> None: ...
        >>> split_words(["soup", "minutes=07", "spices.hot=007"], cook)
        (['soup'], {'minutes': 7, 'spices': {'hot': '007'}})
    """
    parameters = inspect.signature(function).parameters
    kinds = inspect.Parameter.KEYWORD_ONLY
    hints = {name: parameter.annotation for name, parameter in parameters.items() if parameter.kind is kinds}
    names = list(hints)
    alone = [word for word in words if _WORD.fullmatch(word) is None]
    found: dict[str, Any] = {}
    for word in words:
        if setting := _WORD.fullmatch(word):
            key, part = setting["key"], setting["part"]
            if key not in names:
                raise ValueError(f"{word}: {_unknown(key, names)}")
            if part is None:
                _set(found, key, _converted(_read(word, setting["value"]), hints[key], word), word)
            else:
                if Mapping not in _origins(hints[key]):
                    raise ValueError(f"{word}: {key} has no parts; write {key}=...")
                _set(found.setdefault(key, {}), part, _read(word, setting["value"]), word)
    return alone, found


def _set(place: dict[str, Any], key: str, value: Any, word: str) -> None:
    if key in place:
        raise ValueError(f"{word}: {key} stands twice; give one value")
    place[key] = value


def _unknown(key: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(key, names, n=1)
    meant = f"; did you mean {close[0]}=? The" if close else "; the"
    return f"there is no word {key}{meant} words are {', '.join(sorted(names))}"


def _read(word: str, value: str) -> Any:
    """The value with every scalar as text: what YAML takes for a number may be a name."""
    if not value.startswith(("[", "{", '"', "'")):
        return None if value == "null" else value
    try:
        return yaml.load(value, Loader=yaml.BaseLoader)  # makes texts, lists and mappings alone
    except yaml.YAMLError as error:
        raise ValueError(f"{word}: cannot be read as a list, a mapping or a quoted text: {error}") from error


def _converted(value: Any, hint: Any, word: str) -> Any:
    """The value as the first type of the hint that fits."""
    allowed = _members(hint)
    if value is None and type(None) in allowed:
        return None
    for kind in allowed:
        fits, result = _as(value, kind)
        if fits:
            return result
    raise ValueError(f"{word}: must be {' or '.join(_name(kind) for kind in allowed if kind is not type(None))}")


def _as(value: Any, kind: Any) -> tuple[bool, Any]:
    """Whether a value can be of a type, and what it is then."""
    origin = get_origin(kind) or kind
    if kind is Any:
        return True, value
    if origin is Mapping:
        return isinstance(value, Mapping), value
    if origin is Sequence:
        fits = isinstance(value, list)
        return fits, [_converted(entry, get_args(kind)[0], str(value)) for entry in value] if fits else None
    if not isinstance(value, str):
        return False, None
    if kind is bool:
        return value in _TRUTH, _TRUTH.get(value)
    if kind in (int, float):
        try:
            return True, kind(value)
        except ValueError:
            return False, None
    return kind is str, value


def _members(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def _origins(hint: Any) -> set[Any]:
    return {get_origin(member) or member for member in _members(hint)}


def _name(kind: Any) -> str:
    origin = get_origin(kind) or kind
    names = {
        int: "a whole number", float: "a number", str: "a text", bool: "true or false", Sequence: "a list, as in [a,b]",
        Mapping: "a mapping, as in {a: b}",
    }  # fmt: skip
    return names.get(origin, getattr(origin, "__name__", str(origin)))
