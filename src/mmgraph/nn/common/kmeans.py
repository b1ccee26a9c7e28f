"""k-means on the device where the vectors are, in bounded memory."""

import torch
from jaxtyping import Float, Int
from torch import Tensor


def kmeans(
    x: Float[Tensor, "points dim"], num_clusters: int, *, num_iterations: int = 25, chunk_size: int = 4096
) -> tuple[Float[Tensor, "clusters dim"], Int[Tensor, " points"]]:
    r"""Lloyd's k-means by Euclidean distance, started from points drawn by torch's generator.

    S. Lloyd, "Least squares quantization in PCM", IEEE Transactions on Information Theory 1982,
    https://doi.org/10.1109/TIT.1982.1056489. Nothing is differentiated. A cluster that loses all its points stays where
    it is.

    .. math:: a_n = \arg\min_k \|\mathbf x_n - \mathbf c_k\|, \qquad
              \mathbf c_k = \operatorname{mean}_{n:\, a_n = k} \mathbf x_n

    Args:
        x: the points.
        num_clusters: number of clusters K, at least 1 and at most the number of points.
        num_iterations: how often the centroids are moved.
        chunk_size: points compared with all centroids at once: memory, not results.

    Returns:
        The centroids, and which of them is nearest to each point.

    Shapes:
        ``(N, D)`` -> ``(K, D)``, ``(N,)``

    Raises:
        ValueError: if ``num_clusters`` is out of range.

    Example:
        >>> centroids, cluster = kmeans(torch.tensor([[0.0], [9.0], [1.0], [10.0]]), 2)
        >>> sorted(centroids.flatten().tolist()), (cluster[0] == cluster[2]).item(), (cluster[1] == cluster[3]).item()
        ([0.5, 9.5], True, True)
    """
    if not 1 <= num_clusters <= x.size(0):
        raise ValueError(f"num_clusters={num_clusters} must be from 1 to the number of points, {x.size(0)}")
    x = x.detach()
    centroids = x[torch.randperm(x.size(0), device=x.device)[:num_clusters]]
    for _ in range(num_iterations):
        cluster = _nearest(x, centroids, chunk_size)
        total = torch.zeros_like(centroids).index_add_(0, cluster, x)
        count = cluster.bincount(minlength=num_clusters).unsqueeze(1)
        centroids = torch.where(count > 0, total / count.clamp(min=1), centroids)
    return centroids, _nearest(x, centroids, chunk_size)


def _nearest(x: Tensor, centroids: Tensor, chunk_size: int) -> Tensor:
    half_squares = centroids.square().sum(dim=1) / 2
    return torch.cat([(half_squares - part @ centroids.T).argmin(dim=1) for part in x.split(chunk_size)])
