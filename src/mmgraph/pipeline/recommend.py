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
from mmgraph.evaluation.pairs import PairSet
from mmgraph.evaluation.ranking import best_chunks
from mmgraph.models import Recommender
from mmgraph.typing import INTERACTS, PARTS, Encoding

Ids = Sequence[int] | np.ndarray | Tensor
"""Whole numbers that name users or items."""
_CHUNK_SIZE = 256


class Recommendations(NamedTuple):
    """Items for some users (or like some items), best first.

    Attributes:
        ids: ``(queries, k)`` int64; -1 where fewer than k items are left.
        scores: ``(queries, k)`` float; -inf where there is no item.
    """

    ids: Int[Tensor, "queries k"]
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
    known = [graph[INTERACTS][key] for key in PARTS.values() if key in graph[INTERACTS]]
    encoding = encode(model, graph)
    return best_items(model, encoding, _checked(users, int(graph["user"].num_nodes), "users"), known, k=k)


def best_items(
    model: Recommender, encoding: Encoding, user_idx: Tensor, known: Sequence[Tensor], *, k: int
) -> Recommendations:
    """The k best items for each of ``user_idx``, without the pairs ``(2, E)`` in ``known``."""
    device = encoding.item.device
    sizes = {"num_users": encoding.user.size(0), "num_items": encoding.item.size(0)}
    pairs = PairSet.of(known, **sizes).to(device)
    length = _checked_length(k, sizes["num_items"])
    ids = torch.full((user_idx.numel(), length), -1)
    scores = torch.full(ids.shape, -torch.inf)
    chunks = best_chunks(model, encoding, user_idx.to(device), known=pairs, k=length, chunk_size=_CHUNK_SIZE)
    with torch.no_grad(), evaluation_mode(model):
        for rows, value, item in chunks:
            ids[rows] = item.where(value != -torch.inf, -1).cpu()
            scores[rows] = value.cpu()
    return Recommendations(ids, scores)


@torch.no_grad()
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
    vectors = encoding.item
    if vectors.layout is not torch.strided or vectors.dim() != 2 or vectors.size(1) < 2:
        raise ValueError("similar items need vectors of items, and this model has none (it weighs or counts items)")
    rows = _checked(items, vectors.size(0), "items").to(vectors.device)
    length = _checked_length(k, vectors.size(0) - 1)
    unit = F.normalize(vectors.float(), dim=-1)
    cosine = unit[rows] @ unit.T
    cosine[torch.arange(rows.numel(), device=rows.device), rows] = -torch.inf
    value, item = cosine.topk(length)
    return Recommendations(item.cpu(), value.cpu())


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
    if not isinstance(model, Recommender):
        raise TypeError(f"model must be a model of mmgraph (of a run: run.model), got {type(model).__name__}")
    if not isinstance(graph, HeteroData):
        raise TypeError(
            f"graph must be a HeteroData (of a data set: mmgraph.message_graph(dataset[0])), got {type(graph).__name__}"
        )


def _checked(rows: Ids, size: int, name: str) -> Tensor:
    index = as_index(rows, name)
    wrong = index[(index < 0) | (index >= size)]
    if wrong.numel():
        raise ValueError(f"{name} must be from 0 to {size - 1}, found {int(wrong[0])}")
    return index


def _checked_length(k: Any, most: int) -> int:
    try:
        length = operator.index(k)
    except TypeError:
        raise ValueError(f"k must be a whole number, got {k!r:.80}") from None
    if length < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    return min(length, most)
