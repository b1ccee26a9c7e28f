"""Which items may stand in a list: by id, by category."""

import operator
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool
from torch import Tensor

from mmgraph.evaluation.pairs import PairSet
from mmgraph.pipeline.given_ids import rows_of
from mmgraph.pipeline.lists import Choice
from mmgraph.pipeline.serving import Serving, Texts

_SHOWN = 5


def choose(serving: Serving, known: PairSet, *, allow: Any, deny: Any, category: Any, at_most: Any) -> Choice:
    """What may stand in lists of a run.

    Args:
        serving: what there is of the run.
        known: pairs that are left out.
        allow: the items that may, as :func:`~mmgraph.pipeline.given_ids.rows_of` takes them; ``None``: all.
        deny: items that may not, likewise.
        category: the only category, or categories; ``None``: any.
        at_most: how many of a category; ``None``: any number.

    Raises:
        ValueError: if an item or category is not there, no item is left, or there are no categories.
    """
    if at_most is not None and (not _is_whole(at_most) or at_most < 1):
        raise ValueError(f"at_most must be a whole number from 1, got {at_most!r:.80}")
    left_out = torch.zeros(len(serving.items), dtype=torch.bool)
    if allow is not None:
        left_out = ~_marked(serving, allow, "allow")
    if deny is not None:
        left_out |= _marked(serving, deny, "deny", may_be_empty=True)
    if category is not None:
        left_out |= ~_of_categories(serving, category)
    if left_out.all():
        raise ValueError("no item is left that may be recommended: allow, deny and category leave none together")
    group = None if at_most is None else _groups(_categories(serving))
    return Choice(known, left_out if left_out.any() else None, group, at_most)


def _marked(serving: Serving, given: Any, name: str, *, may_be_empty: bool = False) -> Bool[Tensor, " items"]:
    marks = torch.zeros(len(serving.items), dtype=torch.bool)
    marks[rows_of(given, serving.items, name=name, may_be_empty=may_be_empty)] = True
    return marks


def _of_categories(serving: Serving, category: Any) -> Bool[Tensor, " items"]:
    names = np.array(list(_categories(serving)), dtype=object)
    wanted = [category] if isinstance(category, str) else category
    if not isinstance(wanted, list | tuple) or not all(isinstance(name, str) for name in wanted):
        raise ValueError(f"category must be a text, or several; got {category!r:.80}")
    if not wanted:
        raise ValueError("category names none: give one, or several")
    for name in wanted:
        if not (names == name).any():
            shown = ", ".join(repr(other) for other in sorted(set(names))[:_SHOWN])
            raise ValueError(f"category: no item is of {name!r}; there are {len(set(names)):,}, such as {shown}")
    return torch.from_numpy(np.isin(names, wanted))


def _categories(serving: Serving) -> Texts:
    if serving.category not in serving.columns:
        there = f"its columns are {', '.join(serving.columns)}" if serving.columns else "it has none"
        raise ValueError(
            f"there is no column '{serving.category}' in the items' table when this run was trained ({there}); "
            "dataset.columns.category names another one for a new run"
        )
    return serving.columns[serving.category]


def _groups(categories: Texts) -> Tensor:
    number: dict[str, int] = {}
    return torch.tensor([number.setdefault(name, len(number)) for name in categories])


def _is_whole(value: Any) -> bool:
    try:
        operator.index(value)
    except TypeError:
        return False
    return not isinstance(value, bool)
