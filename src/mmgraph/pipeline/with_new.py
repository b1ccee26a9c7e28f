"""Users and items that a run has not met, as people give them: by their ids, with what is known of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mmgraph.datasets.base import InteractionDataset
from mmgraph.evaluation.pairs import PairSet
from mmgraph.extension import NewNodes
from mmgraph.pipeline.serving import Fusion, IdTable, Serving, Texts

FEATURES, USERS = "features", "users"
_OF_USERS = "{'new-id': [item ids]}"
_OF_ITEMS = "{'new-id': {'features': {'text': vector}, 'users': [user ids]}}"


def new_nodes(serving: Serving, dataset: InteractionDataset, users: Any, items: Any) -> tuple[NewNodes, Serving]:
    """What is new by rows, and what serves with its ids, texts and interactions, but with the old encoding yet.

    Args:
        serving: what there is of the run.
        dataset: what it was trained on, which knows how features are scaled.
        users: new users and the items that each chose.
        items: new items and what is known of each.

    Raises:
        ValueError: for what cannot be right; names the id.
    """
    if isinstance(serving.scorer, Fusion):
        raise ValueError(
            "a fusion ranks by what its members knew, and takes no new nodes: ask a member, or recommend(histories=...)"
        )
    _check_mapping(users, "users", _OF_USERS)
    _check_mapping(items, "items", _OF_ITEMS)
    for name, known in items.items():
        _check_item(name, known, serving)
    all_users = _joined(serving.users, list(users))
    all_items = _joined(serving.items, list(items))
    chosen_by = {name: known.get(USERS, ()) for name, known in items.items()}
    histories = _pairs(users, all_items, len(serving.users), "users[{}]")
    audiences = _pairs(chosen_by, all_users, len(serving.items), "items[{}]['users']")
    edges = [torch.empty(2, 0, dtype=torch.long), *histories, *(pairs.flip(0) for pairs in audiences)]
    edge_index = torch.cat(edges, dim=1).unique(dim=1)
    features, has = _features(dataset, items)
    new = NewNodes(len(users), len(items), edge_index, features, has, list(items))
    larger = replace(
        serving,
        users=all_users,
        items=all_items,
        known=_known(serving, all_users, all_items, edge_index),
        columns=_columns(serving, items),
    )
    return new, larger


def _check_mapping(given: Any, name: str, example: str) -> None:
    if not isinstance(given, Mapping):
        raise ValueError(f"{name} must be a mapping such as {example}; got {given!r:.80}")


def _check_item(name: Any, known: Any, serving: Serving) -> None:
    _check_mapping(known, f"items[{name!r}]", _OF_ITEMS.removeprefix("{'new-id': ")[:-1])
    valid = [FEATURES, USERS, *serving.columns]
    if unknown := [key for key in known if key not in valid]:
        raise ValueError(f"items[{name!r}]: {unknown[0]!r} is none of {', '.join(valid)}")
    _check_mapping(known.get(FEATURES, {}), f"items[{name!r}]['features']", "{'text': vector}")


def _joined(table: IdTable, new: Sequence[Any]) -> IdTable:
    """The ids of old and new nodes."""
    texts = list(map(str, new))
    for position, text in enumerate(texts):
        if text in table or text in texts[:position]:
            raise ValueError(
                f"{table.kind} {new[position]!r} is there already: with_new takes users and items that the run has not "
                "met (what an old user chose since: recommend(histories=[[...]]))"
            )
    if isinstance(table.values, Texts):
        return IdTable(table.kind, Texts.of([*table.values, *texts]))
    try:
        numbers = np.array(list(map(int, texts)), dtype=np.int64)
    except ValueError:
        raise ValueError(f"{table.kind}s of this run have whole numbers for ids; got {texts!r:.80}") from None
    return IdTable(table.kind, np.concatenate([np.asarray(table.values), numbers]))


def _pairs(others: Mapping[Any, Any], table: IdTable, first: int, place: str) -> Iterator[Tensor]:
    """Rows of new nodes, from ``first`` on, over the rows of the others that are named for each."""
    for row, (name, ids) in enumerate(others.items(), start=first):
        if not isinstance(ids, str) and len(ids) == 0:
            continue
        rows = table.rows([ids] if isinstance(ids, str) else ids, name=place.format(repr(name)))
        yield torch.stack([torch.full_like(rows, row), rows])


def _features(
    dataset: InteractionDataset, items: Mapping[Any, Mapping[str, Any]]
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Rows of the new items by modality, scaled as those of the old ones, and which items have it."""
    store = dataset[0]["item"]
    sizes = {key.removeprefix("x_"): x.size(1) for key, x in store.items() if key.startswith("x_")}
    given = {name: known.get(FEATURES, {}) for name, known in items.items()}
    for name, features in given.items():
        if unknown := [modality for modality in features if modality not in sizes]:
            raise ValueError(
                f"items[{name!r}]: the run's items have no modality {unknown[0]!r}; they have {list(sizes) or 'none'}"
            )
    found: dict[str, Tensor] = {}
    has: dict[str, Tensor] = {}
    for modality, size in sizes.items():
        rows = [_row(given[name].get(modality), size, f"items[{name!r}], {modality}") for name in items]
        raw = np.stack(rows) if rows else np.empty((0, size), dtype=np.float32)
        found[modality] = torch.from_numpy(dataset.scale_features(modality, raw))
        has[modality] = torch.from_numpy(~np.isnan(raw).all(axis=1))
    return found, has


def _row(given: Any, size: int, place: str) -> np.ndarray:
    """One item's features; NaN where it lacks the modality."""
    if given is None:
        return np.full(size, np.nan, dtype=np.float32)
    try:
        row = np.asarray(given, dtype=np.float32)
    except (TypeError, ValueError):
        row = np.empty(0, dtype=np.float32)
    if row.shape != (size,) or not np.isfinite(row).all():
        raise ValueError(f"{place}: features must be {size} finite numbers, in the units of the run's data")
    return row


def _columns(serving: Serving, items: Mapping[Any, Mapping[str, Any]]) -> dict[str, Texts]:
    """What items are, for people; empty where nothing is stated of a new one."""
    return {
        name: Texts.of([*texts, *(str(known.get(name, "")) for known in items.values())])
        for name, texts in serving.columns.items()
    }


def _known(serving: Serving, users: IdTable, items: IdTable, edge_index: Tensor) -> dict[str, PairSet]:
    """What everybody has, new interactions among the train ones."""
    found = {}
    for part, pairs in serving.known.items():
        edges = [pairs.pairs(), edge_index] if part == "train" else [pairs.pairs()]
        found[part] = PairSet.of(edges, num_users=len(users), num_items=len(items))
    return found
