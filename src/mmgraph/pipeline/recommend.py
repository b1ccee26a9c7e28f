"""What a trained model recommends, and which items it takes for alike."""

import copy
import operator
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.evaluation.evaluator import evaluation_mode
from mmgraph.evaluation.pairs import PairSet, held_parts
from mmgraph.models import Recommender
from mmgraph.models.scoring import InnerProduct, Scorer
from mmgraph.pipeline.lists import Choice, best_lists
from mmgraph.typing import Encoding, check_kind

Ids = Sequence[int] | np.ndarray | Tensor
"""Whole numbers that name users or items."""


class Recommendations(NamedTuple):
    """Items for some users (or like some items), best first.

    Attributes:
        ids: ``(queries, k)``: a tensor of int64, -1 where fewer than k items are left; where the data name items by
            texts, an array of these (``dtype=object``), ``None`` where none is left.
        scores: ``(queries, k)`` float; -inf where there is no item.
    """

    ids: Int[Tensor, "queries k"] | np.ndarray
    scores: Float[Tensor, "queries k"]


def recommend(model: Recommender, graph: HeteroData, users: Ids, *, k: int = 10) -> Recommendations:
    """The k best items for each user, without those that the user has in ``graph``.

    Args:
        model: in whatever mode; it is left in that mode.
        graph: the message graph to rank with. Held-out interactions in it, if there are any, count as had, too.
        users: rows of ``graph["user"]``, in any order.
        k: length of the lists; the number of items if there are fewer.

    Raises:
        ValueError: for a user that is not in the graph, or ``k`` below 1.
        TypeError: if ``model`` is no model, or ``graph`` no graph.

    Example:
        >>> from mmgraph.datasets import Synthetic
        >>> from mmgraph.models import Popularity
        >>> graph = Synthetic(num_users=50, num_items=40)[0]
        >>> recommend(Popularity(graph), graph, [3, 14], k=5).ids.shape
        torch.Size([2, 5])
    """
    _check_kinds(model, graph)
    sizes = {f"num_{side}s": int(graph[side].num_nodes) for side in ("user", "item")}
    known = PairSet.union([PairSet.of_part(graph, part) for part in held_parts(graph)], **sizes)
    rows = _checked(users, sizes["num_users"], "users")
    return best_items(model, encode(model, graph), rows, Choice(known), k=k)


def best_items(
    scorer: Scorer | Recommender, encoding: Encoding, user_idx: Tensor, choice: Choice, *, k: int
) -> Recommendations:
    """The k best items for each of ``user_idx`` that may stand in a list."""
    length = checked_length(k, encoding.item.size(0))
    ids = torch.full((user_idx.numel(), length), -1)
    scores = torch.full(ids.shape, -torch.inf)
    for rows, value, item in best_lists(scorer, encoding, user_idx.to(encoding.item.device), choice, k=length):
        ids[rows] = item
        scores[rows] = value
    return Recommendations(ids, scores)


def similar_items(encoding: Encoding, items: Ids, *, k: int = 10) -> Recommendations:
    """The k items whose final vectors have the largest cosine with those of ``items``, each without itself.

    Args:
        encoding: what the model made of its graph.
        items: rows of ``encoding.item``.
        k: length of the lists; the number of other items if there are fewer.

    Raises:
        ValueError: for an item that is not there, ``k`` below 1, or a model whose items are no vectors.

    Example:
        >>> item = torch.tensor([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0]])
        >>> similar_items(Encoding(torch.ones(1, 2), item), [0], k=1).ids
        tensor([[1]])
    """
    unit = unit_vectors(encoding)
    rows = _checked(items, encoding.item.size(0), "items")
    return best_items(
        InnerProduct(), unit, rows, Choice(themselves(rows, len(unit.item))), k=checked_length(k, len(unit.item) - 1)
    )


def unit_vectors(encoding: Encoding) -> Encoding:
    """An encoding whose products are the cosines of items with items.

    Raises:
        ValueError: if its items are no vectors.
    """
    vectors = encoding.item
    if encoding.user.layout is not torch.strided or vectors.dim() != 2 or vectors.size(1) < 2:
        raise ValueError("similar items need vectors of items, and this model has none (it weighs or counts items)")
    unit = F.normalize(vectors.detach().float(), dim=-1)
    return Encoding(unit, unit)


def themselves(rows: Tensor, num_items: int) -> PairSet:
    """Each item is known to itself."""
    return PairSet.of([rows.expand(2, -1)], num_users=num_items, num_items=num_items)


def encode(model: Recommender, graph: HeteroData) -> Encoding:
    """What the model, on its device and in evaluation mode, makes of its inference graph."""
    device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
    moved = copy.copy(graph).to(device)
    with torch.no_grad(), evaluation_mode(model):
        return model(model.inference_graph(moved))


def as_index(values: Any, name: str) -> Int[Tensor, " values"]:
    """Whole numbers as a tensor.

    Raises:
        ValueError: if there are none, or one is not whole; names what they are the numbers of.
    """
    try:
        index = torch.as_tensor(values)
    except Exception:  # torch has an error of its own for each kind of thing that is no number
        index = torch.empty(0)
    if index.dim() != 1 or not index.numel() or not _is_whole(index):
        raise ValueError(f"{name} must be a list of whole numbers, such as [3, 14]; got {values!r:.80}")
    return index.long().cpu()


def _is_whole(index: Tensor) -> bool:
    return not (index.is_floating_point() or index.is_complex() or index.dtype == torch.bool)


def _check_kinds(model: Any, graph: Any) -> None:
    check_kind("model", model, Recommender, "of a run: run.model")
    check_kind("graph", graph, HeteroData, "of a data set: mmgraph.message_graph(dataset[0])")


def _checked(rows: Ids, size: int, name: str) -> Tensor:
    index = as_index(rows, name)
    wrong = index[(index < 0) | (index >= size)]
    if wrong.numel():
        raise ValueError(f"{name} must be from 0 to {size - 1}, found {int(wrong[0])}")
    return index


def checked_length(k: Any, most: int) -> int:
    """The length of lists: ``k``, or the most there can be.

    Raises:
        ValueError: if it is no whole number from 1.
    """
    try:
        length = operator.index(k)
    except TypeError:
        raise ValueError(f"k must be a whole number, got {k!r:.80}") from None
    if length < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    return min(length, most)
