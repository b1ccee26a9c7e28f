"""``missing="graph"``: an item without a modality gets the mean of its neighbours that have it."""

from collections.abc import Callable, Mapping

import numpy as np
import scipy.sparse as sp
from jaxtyping import Bool, Float32, Int64

from mmgraph.datasets.features import Modality

Weights = Callable[[Int64[np.ndarray, "items"], Bool[np.ndarray, "all"]], sp.csr_array]
"""Weights ``(items, all)`` of the neighbours of items among those that may be one; no item is its own."""

_NEAREST = 10
_JUDGES = 512
_AT_ONCE = 256


def impute(
    features: Mapping[str, Modality], user: Int64[np.ndarray, "train"], item: Int64[np.ndarray, "train"]
) -> None:
    r"""Fills rows of items that lack a modality, in place, from neighbours that have it.

    After D. Malitesta et al., Do we really need to drop items with missing modalities in multimodal recommendation?,
    CIKM 2024 (https://arxiv.org/abs/2408.11767). There are two kinds of neighbours:

    - items that train users chose together with it, j weighing
      :math:`|N_i \cap N_j| / \sqrt{|N_j|}` (the cosine of their users);
    - the ten most similar items by another modality that it has.

    Which is better depends on the data, so each is tried on items that have the modality (512 at the most), as if they
    lacked it, and what comes nearer to their own rows is asked first. An item without neighbours of one kind gets those
    of the next, and without any keeps the row it has. Held-out interactions play no part.

    Args:
        features: by modality, with a row in place of each that is missing: the mean of the others.
        user: users of the train interactions.
        item: items of these.

    Example:
        >>> x = np.array([[1, 0], [1, 0], [0, 1], [0.5, 0.5]], dtype=np.float32)
        >>> text = Modality(x, np.array([True, True, True, False]))
        >>> impute({"text": text}, np.array([0, 0, 0, 1]), np.array([0, 1, 3, 2]))  # a user chose 0, 1 and 3
        >>> text.x[3]
        array([1., 0.], dtype=float32)
    """
    for name, (x, has) in features.items():
        if has is None:
            continue
        kinds = [_chosen_together(user, item, len(x))]
        kinds += [_similar(other) for key, other in features.items() if key != name]
        wanted = np.flatnonzero(~has)
        for weights in sorted(kinds, key=lambda weights: -_agreement(weights, x, has)):
            found, rows = _means(weights, wanted, x, has)
            x[wanted[found]] = rows[found]
            wanted = wanted[~found]


def _chosen_together(user: np.ndarray, item: np.ndarray, num_items: int) -> Weights:
    by_user = sp.csr_array((np.ones(len(user), dtype=np.float32), (user, item)), shape=(user.max() + 1, num_items))
    by_item = by_user.T.tocsr()
    scale = 1 / np.sqrt(np.maximum(np.diff(by_item.indptr), 1)).astype(np.float32)

    def weights(items: np.ndarray, may_be: np.ndarray) -> sp.csr_array:
        common = (by_item[items] @ by_user).tocoo()
        kept = may_be[common.col] & (common.col != items[common.row])
        col = common.col[kept]
        return sp.csr_array((common.data[kept] * scale[col], (common.row[kept], col)), shape=common.shape)

    return weights


def _similar(other: Modality) -> Weights:
    x, has = other
    z = x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), np.finfo(np.float32).tiny)

    def weights(items: np.ndarray, may_be: np.ndarray) -> sp.csr_array:
        usable = may_be if has is None else may_be & has
        asking = np.arange(len(items)) if has is None else np.flatnonzero(has[items])
        candidates = np.flatnonzero(usable)
        similarity = z[items[asking]] @ z[candidates].T
        similarity[items[asking][:, None] == candidates] = -np.inf
        k = min(_NEAREST, len(candidates))
        nearest = np.argpartition(-similarity, k - 1, axis=1)[:, :k]
        counts = np.isfinite(np.take_along_axis(similarity, nearest, axis=1)).astype(np.float32)
        entries = np.repeat(asking, k), candidates[nearest].ravel()
        return sp.csr_array((counts.ravel(), entries), shape=(len(items), len(x)))

    return weights


def _means(
    weights: Weights, items: np.ndarray, x: np.ndarray, may_be: np.ndarray
) -> tuple[Bool[np.ndarray, "items"], Float32[np.ndarray, "items feat"]]:
    """Which items have neighbours, and the weighted means of these."""
    rows = np.zeros((len(items), x.shape[1]), dtype=np.float32)
    found = np.zeros(len(items), dtype=np.bool_)
    for start in range(0, len(items), _AT_ONCE):
        block = slice(start, start + _AT_ONCE)
        weight = weights(items[block], may_be)
        total = weight.sum(axis=1)
        found[block] = total > 0
        rows[block] = (weight @ x) / np.where(total > 0, total, 1)[:, None]
    return found, rows


def _agreement(weights: Weights, x: np.ndarray, has: np.ndarray) -> float:
    """Mean cosine, from the common mean, between known rows and what neighbours make of them."""
    judges = np.random.default_rng(0).permutation(np.flatnonzero(has))[:_JUDGES]
    found, rows = _means(weights, judges, x, has)
    if not found.any():
        return -1.0
    mean = x.mean(axis=0, dtype=np.float64)  # rows that are missing hold it too
    made = rows[found] - mean
    true = x[judges[found]] - mean
    norms = np.linalg.norm(made, axis=1) * np.linalg.norm(true, axis=1)
    return float(((made * true).sum(axis=1) / np.maximum(norms, np.finfo(np.float64).tiny)).mean())
