"""What ``print`` shows of models, layers and loss terms: the settings they were made with."""

import inspect

_PLAIN = (str, int, float, bool, type(None))


def settings_text(thing: object) -> str:
    """``name=value`` of the constructor's arguments that are attributes with plain values, in their order.

    Args:
        thing: an object whose attributes have the names of its constructor's arguments.

    Example:
        >>> class Layer:
        ...     def __init__(self, size, *, norm="sym", weights=None):
        ...         self.size, self.norm, self.weights = size, norm, weights
        >>> settings_text(Layer(3))
        "size=3, norm='sym', weights=None"
    """
    names = inspect.signature(type(thing)).parameters
    found = {name: getattr(thing, name) for name in names if hasattr(thing, name)}
    return ", ".join(f"{name}={value!r}" for name, value in found.items() if _is_plain(value))


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    return isinstance(value, _PLAIN)
