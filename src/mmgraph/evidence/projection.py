"""Vectors in two dimensions, and how much of their neighbourhoods is left there."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

METHODS = ("pca", "tsne", "umap")
_PERPLEXITY = 30.0


def sample_rows(count: int, most: int, seed: int) -> Int[Tensor, " rows"]:
    """All rows, or ``most`` of them drawn by a seed, ascending.

    Example:
        >>> sample_rows(3, 10, seed=0), sample_rows(1000, 2, seed=0).numel()
        (tensor([0, 1, 2]), 2)
    """
    if count <= most:
        return torch.arange(count)
    generator = torch.Generator().manual_seed(seed)
    return torch.randperm(count, generator=generator)[:most].sort().values


def project(x: Float[Tensor, "points dim"], *, method: str = "tsne", seed: int = 0) -> Float[np.ndarray, "points 2"]:
    """The points in the plane, by the directions of their vectors: lengths are left out.

    Args:
        x: vectors, some thousands at the most.
        method: ``"pca"``, ``"tsne"``, or ``"umap"``, which needs the package umap-learn.
        seed: of t-SNE and UMAP.

    Raises:
        ValueError: for another method, or fewer than three points.
        ModuleNotFoundError: if the package is missing; names the extra.

    Example:
        >>> project(torch.eye(4), method="pca").shape
        (4, 2)
    """
    if method not in METHODS:
        raise ValueError(f"method={method!r}: must be one of {', '.join(METHODS)}")
    if len(x) < 3:
        raise ValueError(f"a picture needs three points or more, got {len(x)}")
    unit = F.normalize(x.detach().cpu().double(), dim=-1).numpy()
    found = _projector(method, len(unit), seed).fit_transform(unit)
    return np.asarray(found, dtype=np.float64)


def _projector(method: str, points: int, seed: int) -> Any:
    if method == "umap":
        from umap import UMAP

        return UMAP(random_state=seed, n_jobs=1, n_neighbors=min(15, points - 1))
    if method == "pca":
        from sklearn.decomposition import PCA

        return PCA(n_components=2, svd_solver="full")
    from sklearn.manifold import TSNE

    return TSNE(perplexity=min(_PERPLEXITY, (points - 1) / 3), init="pca", random_state=seed)


def nearest_neighbors(x: Float[Tensor, "points dim"], k: int) -> Int[Tensor, "points k"]:
    """The k nearest other points of each by cosine; ties in any order.

    Example:
        >>> nearest_neighbors(torch.tensor([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0]]), 1).tolist()
        [[1], [0], [1]]
    """
    unit = F.normalize(x.detach().double(), dim=-1)
    cosine = unit @ unit.T
    return cosine.fill_diagonal_(-torch.inf).topk(k).indices


def nearest_in_plane(points: Float[np.ndarray, "points 2"], k: int) -> Int[Tensor, "points k"]:
    """The k nearest other points of each by distance."""
    x = torch.from_numpy(points)
    distance = torch.cdist(x, x)
    return distance.fill_diagonal_(torch.inf).topk(k, largest=False).indices


def overlap(one: Int[Tensor, "points k"], other: Int[Tensor, "points k"]) -> float:
    """Share of each point's neighbours in one list that are in the other, on average.

    Example:
        >>> overlap(torch.tensor([[1, 2], [0, 2]]), torch.tensor([[2, 3], [0, 2]]))
        0.75
    """
    return float((one.unsqueeze(2) == other.unsqueeze(1)).any(-1).double().mean())
