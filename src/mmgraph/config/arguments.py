"""Whether the arguments that a configuration gives to a class are those it takes, of the types it takes."""

import inspect
import types
from collections.abc import Collection, Iterable, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from mmgraph.config.targets import MISSING, PARTIAL, TARGET

_LISTS = (list, tuple, set, frozenset, Sequence, Iterable, Collection)
_MAPPINGS = (dict, Mapping, MutableMapping)
_LARGEST_SEED = 2**63 - 1


class Misfit(NamedTuple):
    """A value that is not of the type that belongs in its place."""

    place: str
    expected: Any
    value: Any


def check_arguments(cls: type, node: Mapping[str, Any], place: str) -> None:
    """Checks names and types, also of the elements of lists and mappings.

    Types are those of the annotations; where a class has none, that of the default.

    Args:
        cls: the class.
        node: its arguments, plain containers, with ``_target_``.
        place: where they stand in the configuration, for messages.

    Raises:
        ValueError: for an argument that is missing, unknown or of the wrong type.
    """
    parameters = parameters_of(cls)
    open_ended = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    for name, value in node.items():
        if name in (TARGET, PARTIAL):
            continue
        if name not in parameters and not open_ended:
            raise ValueError(f"{place}.{name}: {cls.__name__} takes no {name!r}; it takes {sorted(parameters)}")
        if value == MISSING:
            raise ValueError(f"{place}.{name} has no value yet: give it one, {place}.{name}=...")
        if name in parameters:
            _check_value(value, _expected(parameters[name]), f"{place}.{name}")
    if not node.get(PARTIAL):
        _check_complete(cls, node, parameters, place)


def parameters_of(cls: type) -> dict[str, inspect.Parameter]:
    """What a class can be given, by name; nothing where Python cannot know."""
    for evaluate in (True, False):  # annotations that are strings may name what cannot be found
        try:
            return dict(inspect.signature(cls, eval_str=evaluate).parameters)
        except (ValueError, TypeError, NameError, AttributeError):
            continue
    return {}


def _check_value(value: Any, expected: Any, place: str) -> None:
    wrong = find_misfit(value, expected, place)
    if wrong is not None:
        raise ValueError(f"{wrong.place} must be {type_name(wrong.expected)}, got {wrong.value!r}{_spelling(wrong)}")
    if place.endswith((".seed", "_seed")) and isinstance(value, int) and not 0 <= value <= _LARGEST_SEED:
        raise ValueError(f"{place} must be between 0 and 2^63 - 1, got {value}")
    if place.endswith("_dim") and isinstance(value, int) and value < 1:
        raise ValueError(f"{place} must be at least 1, got {value}")


def _spelling(wrong: Misfit) -> str:
    """How to write what was probably meant."""
    elements = get_args(wrong.expected)
    if get_origin(wrong.expected) in _LISTS and len(elements) == 1 and _fits(wrong.value, elements[0]):
        return f": a list is written [{wrong.value}]"
    is_number = isinstance(wrong.value, int | float) and not isinstance(wrong.value, bool)
    if is_number and _fits(str(wrong.value), wrong.expected):
        return f": as text it is written '\"{wrong.value}\"'"
    return ""


def _check_complete(
    cls: type, node: Mapping[str, Any], parameters: Mapping[str, inspect.Parameter], place: str
) -> None:
    needed = [
        name
        for name, p in parameters.items()
        if p.default is p.empty and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
    ]
    lacking = [name for name in needed if name not in node]
    if lacking:
        words = " ".join(f"+{place}.{name}=..." for name in lacking)
        raise ValueError(f"{place}: {cls.__name__} needs {lacking}; add {words}")


def _expected(parameter: inspect.Parameter) -> Any:
    if parameter.annotation is not parameter.empty:
        return parameter.annotation
    kind = type(parameter.default)
    return {bool: bool, int: float, float: float, str: str}.get(kind, Any)


def _fits(value: Any, expected: Any) -> bool:
    return find_misfit(value, expected, "") is None


def find_misfit(value: Any, expected: Any, place: str) -> Misfit | None:
    """The first part of a plain value that is not of the annotated type.

    A mapping with ``_target_`` stands for an object. Types that configs cannot spell are left to the class.
    """
    origin = get_origin(expected) or expected
    if origin in (Union, types.UnionType):
        return _union_misfit(value, expected, place)
    if isinstance(value, dict) and TARGET in value:
        plain = origin in (str, bool, int, float, Path, None, type(None), Literal)
        return Misfit(place, expected, value[TARGET]) if plain else None
    if origin in _LISTS:
        return _list_misfit(value, expected, place)
    if origin in _MAPPINGS:
        return _mapping_misfit(value, expected, place)
    return None if _scalar_fits(value, expected, origin) else Misfit(place, expected, value)


def _union_misfit(value: Any, expected: Any, place: str) -> Misfit | None:
    found = [find_misfit(value, option, place) for option in get_args(expected)]
    misfits = [misfit for misfit in found if misfit is not None]
    if len(misfits) < len(found):
        return None
    inner = [misfit for misfit in misfits if misfit.place != place]  # of the option that has the value's shape
    return inner[0] if len(inner) == 1 else Misfit(place, expected, value)


def _list_misfit(value: Any, expected: Any, place: str) -> Misfit | None:
    if not isinstance(value, list):
        return Misfit(place, expected, value)
    elements = get_args(expected)
    fixed = get_origin(expected) is tuple and Ellipsis not in elements
    if fixed and len(elements) != len(value):
        return Misfit(place, expected, value)
    of = elements if fixed else [elements[0] if elements else Any] * len(value)
    found = (find_misfit(v, e, f"{place}.{i}") for i, (v, e) in enumerate(zip(value, of, strict=True)))
    return next((misfit for misfit in found if misfit is not None), None)


def _mapping_misfit(value: Any, expected: Any, place: str) -> Misfit | None:
    if not isinstance(value, dict):
        return Misfit(place, expected, value)
    of_key, of_value = get_args(expected) or (Any, Any)
    for name, child in value.items():
        misfit = find_misfit(name, of_key, place) or find_misfit(child, of_value, f"{place}.{name}")
        if misfit is not None:
            return misfit
    return None


def _scalar_fits(value: Any, expected: Any, origin: Any) -> bool:
    if origin is Literal:
        return value in get_args(expected)
    if origin in (None, type(None)):
        return value is None
    if origin in (int, float):
        return isinstance(value, int if origin is int else int | float) and not isinstance(value, bool)
    if origin in (str, bool, Path):
        return isinstance(value, bool if origin is bool else str)
    describes_an_object = inspect.isclass(origin) and origin not in (Any, object)
    return not describes_an_object


def _is_tensor(expected: Any) -> bool:
    """Optimisers take tensors of one element for numbers; a config writes the number. This module imports no torch."""
    return getattr(expected, "__name__", "") == "Tensor"


def type_name(expected: Any) -> str:
    """A type in words.

    >>> type_name(Sequence[int] | None), type_name(Mapping[str, float | int])
    ('a list of int or null', 'a mapping of str to float')
    """
    origin = get_origin(expected) or expected
    of = get_args(expected)
    if origin in (Union, types.UnionType):
        options = [option for option in of if not (option is int and float in of) and not _is_tensor(option)]
        return " or ".join(dict.fromkeys(map(type_name, options)))
    if origin is Literal:
        return " or ".join(map(repr, of))
    if origin is tuple and of and Ellipsis not in of:
        return f"a list of {len(of)}: {', '.join(map(type_name, of))}"
    if origin in _LISTS:
        return f"a list of {type_name(of[0])}" if of else "a list"
    if origin in _MAPPINGS:
        return f"a mapping of {type_name(of[0])} to {type_name(of[1])}" if of else "a mapping"
    if origin in (None, type(None)):
        return "null"
    names = {str: "str", Path: "str", bool: "bool", int: "int", float: "float", Any: "anything"}
    return names.get(origin, f"an object, a mapping with {TARGET}")
