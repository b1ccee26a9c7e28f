"""The most similar rows of each row, or of other ones: exactly, by products in chunks, or nearly, by faiss."""

from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

Ranked = tuple[Tensor, Tensor]

_ROWS_TO_JUDGE_BY = 1024
_ROWS_PER_LIST = 64  # faiss asks for 39 at least to find the centre of a list


def nearest_rows(
    z: Float[Tensor, "rows dim"],
    k: int,
    *,
    queries: Float[Tensor, "queries dim"] | None = None,
    self_loops: bool = True,
    chunk_size: int = 512,
    recall: float | None = None,
) -> tuple[Float[Tensor, "queries k"], Int[Tensor, "queries k"]]:
    """Similarities and positions of the k nearest rows of each row, by falling inner product.

    Args:
        z: rows of norm 1.
        k: how many.
        queries: other rows of norm 1, whose nearest are sought in ``z``; None: those of ``z`` itself.
        self_loops: whether a row may be near itself; a row of ``queries`` is never in ``z``.
        chunk_size: rows ranked at once; rows x rows is never held.
        recall: share of the true neighbours that must be found, judged on 1,024 rows; faiss then searches inverted
            lists (Johnson et al., "Billion-scale similarity search with GPUs", https://arxiv.org/abs/1702.08734; extra
            ``[search]``), which takes a small part of the time where rows are many. None: all of them, exactly.

    Raises:
        ValueError: if ``recall`` is not above 0 and below 1.
        ModuleNotFoundError: if ``recall`` is given and faiss is not installed.

    Example:
        >>> z = torch.tensor([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]])
        >>> nearest_rows(z, 1, self_loops=False)[1].flatten()
        tensor([1, 0, 1])
        >>> nearest_rows(z, 1, queries=torch.tensor([[0.6, 0.8]]))[1].flatten()
        tensor([1])
    """
    if recall is not None and not 0 < recall < 1:
        raise ValueError(f"recall must be between 0 and 1 (null: exact search), got {recall}")
    asked = _Asked(z, None if self_loops else torch.arange(z.size(0), device=z.device))
    if queries is not None:
        asked = _Asked(queries, None)
    if recall is not None and z.size(0) > _ROWS_PER_LIST:
        return _approximate(z, k, asked, chunk_size=chunk_size, recall=recall)
    return _in_chunks(z, k, asked, chunk_size=chunk_size)


class _Asked(NamedTuple):
    """Rows whose nearest are sought, and where each of them stands among the others if it must not be its own."""

    x: Tensor
    own: Tensor | None

    def part(self, rows: Tensor) -> "_Asked":
        return _Asked(self.x.index_select(0, rows), None if self.own is None else self.own.index_select(0, rows))


def _in_chunks(z: Tensor, k: int, asked: _Asked, *, chunk_size: int) -> Ranked:
    found = []
    for rows in torch.arange(asked.x.size(0), device=z.device).split(chunk_size):
        x, own = asked.part(rows)
        similarity = x @ z.T
        if own is not None:
            similarity.scatter_(1, own.unsqueeze(1), -torch.inf)
        found.append(similarity.topk(k, dim=-1))
    values, indices = zip(*found, strict=True)
    return torch.cat(values), torch.cat(indices)


def _approximate(z: Tensor, k: int, asked: _Asked, *, chunk_size: int, recall: float) -> Ranked:
    vectors = z.detach().cpu().float()
    wanted = _Asked(asked.x.detach().cpu().float(), None if asked.own is None else asked.own.cpu())
    index = _inverted_lists(vectors)
    num_asked = wanted.x.size(0)
    drawn = torch.randperm(num_asked, generator=torch.Generator().manual_seed(0))[:_ROWS_TO_JUDGE_BY]
    judges = wanted.part(drawn)
    _, truth = _in_chunks(vectors, k, judges, chunk_size=chunk_size)
    while index.nprobe < index.nlist:
        _, found = _search(index, k, judges)
        if (truth.unsqueeze(2) == found.unsqueeze(1)).any(2).float().mean() >= recall:
            break
        index.nprobe = min(2 * index.nprobe, index.nlist)
    similarity, neighbor = _search(index, k, wanted)
    short = (neighbor < 0).any(dim=1).nonzero().flatten()  # the lists searched held fewer than k rows
    if short.numel():
        similarity[short], neighbor[short] = _in_chunks(vectors, k, wanted.part(short), chunk_size=chunk_size)
    return similarity.to(z), neighbor.to(z.device)


def _inverted_lists(vectors: Tensor) -> Any:
    """About 2 sqrt(n) lists, their centres found on a sample of the rows."""
    try:
        import faiss
    except ImportError as error:
        raise ModuleNotFoundError(
            'recall=... searches with faiss, which is not installed: pip install -e ".[search]", or leave it null'
        ) from error
    num_rows, dim = vectors.shape
    num_lists = max(1, min(round(2 * num_rows**0.5), num_rows // _ROWS_PER_LIST))
    centres = faiss.IndexFlatIP(dim)
    index = faiss.IndexIVFFlat(centres, dim, num_lists, faiss.METRIC_INNER_PRODUCT)
    index.cp.max_points_per_centroid = _ROWS_PER_LIST
    index.train(vectors.numpy())
    index.add(vectors.numpy())
    return index


def _search(index: Any, k: int, asked: _Asked) -> Ranked:
    """Like :func:`_in_chunks`; positions are -1 where the lists searched hold fewer than k others."""
    values, indices = index.search(asked.x.numpy(), k if asked.own is None else k + 1)
    similarity = torch.from_numpy(values)
    neighbor = torch.from_numpy(indices)
    if asked.own is None:
        return similarity, neighbor
    # Itself goes to the end and falls off; where it was not found, the farthest one does.
    similarity = similarity.masked_fill(neighbor == asked.own.unsqueeze(1), -torch.inf)
    similarity, order = similarity.sort(dim=1, descending=True)
    return similarity[:, :k], neighbor.gather(1, order)[:, :k]
