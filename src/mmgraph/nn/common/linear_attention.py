"""Attention without a softmax: its cost grows with queries plus keys, not with their product."""

from jaxtyping import Float
from torch import Tensor


def linear_attention(
    query: Float[Tensor, "queries dim"],
    key: Float[Tensor, "keys dim"],
    value: Float[Tensor, "keys dim"],
    *,
    num_heads: int = 1,
) -> Float[Tensor, "queries dim"]:
    r"""Sums values weighted by inner products, head by head, as in SHT (KDD 2022, https://arxiv.org/abs/2207.14338).

    .. math:: \mathbf y_q = \big\Vert_{h} \sum_i (\mathbf q_{q,h}^\top \mathbf k_{i,h})\, \mathbf v_{i,h}

    Args:
        query: who asks; a head sees an equal share of the dimensions, in their order.
        key: what is asked.
        value: what is answered.
        num_heads: number of heads; divides the dimensions.

    Raises:
        ValueError: if ``num_heads`` does not divide the dimensions.

    Example:
        >>> import torch
        >>> linear_attention(torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 1.0]]), torch.tensor([[1.0, 10.0]]))
        tensor([[ 5., 50.]])
        >>> linear_attention(torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 1.0]]), torch.ones(1, 2), num_heads=2)
        tensor([[3., 2.]])
    """
    if query.size(1) % num_heads:
        raise ValueError(f"num_heads={num_heads} must divide the {query.size(1)} dimensions")
    heads = (x.unflatten(1, (num_heads, -1)).transpose(0, 1) for x in (query, key, value))
    query, key, value = heads
    return (query @ (key.transpose(1, 2) @ value)).transpose(0, 1).flatten(1)
