"""What an evaluator may be asked for."""

from collections.abc import Sequence
from typing import Any

from mmgraph.typing import PARTS


def checked_ks(ks: Sequence[int], num_items: int) -> list[int]:
    """Lengths of lists, each once and ascending.

    Raises:
        ValueError: if one is no whole number from 1 to ``num_items``, or there is none.
    """
    _check_list("ks", ks, example=[10, 20])
    bad = [k for k in ks if not isinstance(k, int) or not 1 <= k <= num_items]
    if bad or not ks:
        raise ValueError(f"ks must be whole numbers from 1 to the number of items, {num_items}; got {bad or list(ks)}")
    return sorted(set(ks))


def checked_names(argument: str, names: Sequence[str], valid: Sequence[str]) -> list[str]:
    """Names of what there is, at least one.

    Raises:
        ValueError: names those that are not ``valid``.
    """
    _check_list(argument, names, example=list(valid[:2]))
    unknown = [name for name in names if name not in valid]
    if unknown or not names:
        raise ValueError(f"{argument} must name some of {list(valid)}; got {unknown or list(names)}")
    return list(names)


def checked_mask(split: str, known: Sequence[str]) -> list[str]:
    """The splits that are known when ``split`` is ranked.

    Raises:
        ValueError: if one is none, or ``split`` itself.
    """
    _check_list(f"mask['{split}']", known, example=["train"])
    if split in known:
        raise ValueError(f"mask['{split}'] must not contain '{split}': no target would be left; got {list(known)}")
    return [name for name in known if checked_names(f"mask['{split}']", [name], list(PARTS))]


def _check_list(argument: str, values: Any, *, example: list[Any]) -> None:
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise ValueError(f"{argument} must be a list, such as {example}; got {values!r}")
