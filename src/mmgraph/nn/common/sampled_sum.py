"""Sums over a sample of each node's neighbours, made as large as those over all of them."""

from collections.abc import Mapping

from jaxtyping import Float
from torch import Tensor

SAMPLE_SCALE = "sample_scale"
"""Where a sampled edge type keeps, for each target ``(T,)``, its number of neighbours over that of sampled ones."""


def rescale_sum(total: Float[Tensor, "targets dim"], store: Mapping[str, Tensor]) -> Float[Tensor, "targets dim"]:
    r"""Horvitz-Thompson's estimate of a sum over all neighbours from one over a uniform sample of them.

    .. math:: \mathbb E\Big[\frac{|N_i|}{|S_i|} \sum_{j \in S_i} w_{ji} \mathbf x_j\Big] =
              \sum_{j \in N_i} w_{ji} \mathbf x_j

    Means and softmaxes over neighbours need none of it: they divide by what was sampled already. Convolutions that are
    given an edge store do this themselves.

    Args:
        total: sum of each target's sampled messages, whose weights do not know of the sample.
        store: the edge type that they came along; one that was not sampled (no ``sample_scale``) changes nothing.

    Example:
        >>> import torch
        >>> rescale_sum(torch.ones(2, 1), {"sample_scale": torch.tensor([1.0, 2.5])})
        tensor([[1.0000],
                [2.5000]])
        >>> rescale_sum(torch.ones(2, 1), {})
        tensor([[1.],
                [1.]])
    """
    return total * store[SAMPLE_SCALE].unsqueeze(-1) if SAMPLE_SCALE in store else total
