"""What is wrong with a request, in a sentence of ours for each kind of error that pydantic has."""

from collections.abc import Mapping, Sequence
from typing import Any

_RULES = {
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "finite_number": "must be a whole number",
    "int_parsing_size": "must be a smaller number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "string_unicode": "must be text of Unicode",
    "string_too_long": "must have at most {max_length} characters",
    "list_type": "must be a list",
    "too_short": "must have at least {min_length} entry",
    "greater_than_equal": "must be at least {ge}",
}
_OF_THE_BODY = ("model_attributes_type", "dict_type", "model_type")
_SHOWN = 60


def sentence(error: Mapping[str, Any]) -> str:
    """The sentence for one error of a ``RequestValidationError``.

    Example:
        >>> sentence({"type": "greater_than_equal", "loc": ("query", "k"), "ctx": {"ge": 1}, "input": "0"})
        "k must be at least 1; got '0'"
        >>> sentence({"type": "string_type", "loc": ("body", "histories", 0, 2), "input": None})
        'histories[0][2] must be text; got None'
    """
    kind = error["type"]
    place = _place(error["loc"])
    context = error.get("ctx", {})
    if kind == "unknown_word":
        return str(error["msg"])
    if kind == "json_invalid":
        return f"the body must be JSON, and is none from character {error['loc'][-1]} on ({context['error']})"
    if kind == "missing":
        return f"{place or 'the body'} is missing"
    if kind in _OF_THE_BODY and not place:
        return "the body must be a JSON object, sent with the header Content-Type: application/json"
    rule = _RULES.get(kind, f"is wrong ({error.get('msg', kind)})").format(**context)
    return f"{place} {rule}; got {error['input']!r:.{_SHOWN}}"


def _place(loc: Sequence[str | int]) -> str:
    """``histories[0][2]``; empty for the body as a whole."""
    first, *others = loc[1:] or ("",)
    return str(first) + "".join(f"[{part}]" for part in others)
