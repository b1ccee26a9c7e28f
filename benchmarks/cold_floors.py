"""What new users and items get without a trained model: popularity, item-kNN, EASE, content."""

from collections.abc import Callable, Iterator

import torch
from cold_split import ColdSplit
from cold_tasks import ALL, USERS, Scores, mean_recall
from torch import Tensor

from mmgraph.models.content_knn import content_similarity
from mmgraph.models.item_knn import item_similarity
from mmgraph.nn import UnitRows, interaction_csr, interaction_gram, product_rows, ridge_weights_, sparse_tensor

MOST_ITEMS = 8_000
"""EASE inverts a matrix of items x items."""
Floor = Callable[[ColdSplit, bool], Scores]
"""Gives scores on a split, with half of the new items' interactions or with none."""


def floors(validation: ColdSplit) -> Iterator[tuple[str, Floor]]:
    """Each with its settings, which serve the new users (content: the new items) of the validation's split best."""
    yield "popularity", popularity
    knn = {f"item-kNN, k {k}, shrink {shrink}": item_knn(k, shrink) for k in (20, 100, 1000) for shrink in (0, 10, 100)}
    yield _best(validation, knn, USERS)
    if validation.all_items <= MOST_ITEMS:
        yield _best(validation, {f"EASE, lambda {weight}": ease(weight) for weight in (50, 100, 200, 400, 800)}, USERS)
    near = {f"content kNN, {name}, k {k}": content(name, k) for name in validation.features for k in (5, 10, 20, 50)}
    yield _best(validation, near, ALL)


def _best(split: ColdSplit, found: dict[str, Floor], criterion: str) -> tuple[str, Floor]:
    return max(found.items(), key=lambda pair: _quick(split, pair[1], criterion))


def _quick(split: ColdSplit, floor: Floor, criterion: str) -> float:
    old = torch.arange(split.all_items) < split.num_items
    if criterion == USERS:
        return mean_recall(split, floor(split, True), [split.given_users], split.held_users, old)
    had = [*split.old.values(), split.given_items]
    return mean_recall(split, floor(split, False), had, split.held_items, torch.ones_like(old))


def interactions(split: ColdSplit, known: bool) -> Tensor:
    """All that is known, ``(users, items)``, sparse."""
    pairs = [split.old["train"], split.given_users, *([split.given_items] if known else [])]
    matrix = interaction_csr(torch.cat(pairs, dim=1), split.all_users, split.all_items)
    return sparse_tensor(matrix, torch.device("cpu"))


def popularity(split: ColdSplit, known: bool) -> Scores:
    count = torch.sparse.sum(interactions(split, known), dim=0).to_dense()
    return lambda user: count.expand(user.numel(), -1)


def item_knn(k: int, shrink: float) -> Floor:
    def floor(split: ColdSplit, known: bool) -> Scores:
        chosen = interactions(split, known)
        matrix = interaction_csr(chosen.indices(), split.all_users, split.all_items)
        weights = sparse_tensor(item_similarity(matrix, knn_k=k, shrink=shrink), torch.device("cpu"))
        return lambda user: product_rows(chosen, weights, user)

    return floor


def ease(weight: float) -> Floor:
    """Items' weights by the regression of the model of that name."""

    def floor(split: ColdSplit, known: bool) -> Scores:
        chosen = interactions(split, known)
        matrix = interaction_csr(chosen.indices(), split.all_users, split.all_items)
        weights = ridge_weights_(interaction_gram(matrix), weight)
        return lambda user: product_rows(chosen, weights, user)

    return floor


def content(name: str, k: int) -> Floor:
    """An item by those of its k nearest in features that a user has; of new items only the features count."""

    def floor(split: ColdSplit, known: bool) -> Scores:
        chosen = interactions(split, known)
        rows = UnitRows.of(split.features[name].float())
        weights = content_similarity(rows.columns(0, rows.x.size(1)), k=k)
        return lambda user: product_rows(chosen, weights, user)

    return floor
