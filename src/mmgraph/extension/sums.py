"""Sums over the pairs of a bipartite graph, in double precision."""

import torch
from jaxtyping import Float, Float64, Int
from torch import Tensor

from mmgraph.nn import spmm


def pair_sums(
    x: Float[Tensor, "sources dim"], source: Int[Tensor, " pairs"], target: Int[Tensor, " pairs"], num_targets: int
) -> Float64[Tensor, "targets dim"]:
    """The sum of the sources' vectors at each target.

    Example:
        >>> pair_sums(torch.eye(2), torch.tensor([0, 1, 1]), torch.tensor([0, 0, 2]), 3).tolist()
        [[1.0, 1.0], [0.0, 0.0], [0.0, 1.0]]
    """
    weight = torch.ones(source.numel(), dtype=torch.float64)
    return spmm(x.double(), torch.stack([source, target]), weight, num_targets)


def counts(rows: Int[Tensor, " pairs"], size: int) -> Float64[Tensor, " size"]:
    """How often each row occurs.

    >>> counts(torch.tensor([0, 2, 2]), 3)
    tensor([1., 0., 2.], dtype=torch.float64)
    """
    return torch.bincount(rows, minlength=size).double()
