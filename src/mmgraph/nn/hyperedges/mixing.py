"""Hyperedges that pass what they gathered from their nodes among themselves."""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from mmgraph.nn.common.initialization import redraw_, xavier_uniform


class HyperedgeMixing(nn.Module):
    r"""Hyperedges add mixtures of all of them, layer by layer, in HCCF (https://arxiv.org/abs/2204.12200) and SHT.

    .. math:: \psi(\mathbf X) = \sigma(\mathbf V \mathbf X) + \mathbf X, \qquad \sigma = \text{LeakyReLU}

    Args:
        num_hyperedges: number of hyperedges A; V is ``(A, A)``.
        num_layers: number of layers, each with a V of its own; 0: nothing changes.
        slope: of the LeakyReLU below 0; 1 makes it linear.

    Shapes:
        x ``(A, D)`` -> ``(A, D)``

    Example:
        >>> import torch
        >>> HyperedgeMixing(3, 2)(torch.ones(3, 4)).shape
        torch.Size([3, 4])
    """

    def __init__(self, num_hyperedges: int, num_layers: int, *, slope: float = 0.5) -> None:
        super().__init__()
        self.weights = nn.ParameterList(xavier_uniform(num_hyperedges, num_hyperedges) for _ in range(num_layers))
        self.slope = slope

    def reset_parameters(self) -> None:
        """Draws all parameters anew."""
        for weight in self.weights:
            redraw_(weight, xavier_uniform)

    def forward(self, x: Float[Tensor, "hyperedges dim"]) -> Float[Tensor, "hyperedges dim"]:
        """Mixes the hyperedges in every layer."""
        for weight in self.weights:
            x = F.leaky_relu(weight @ x, self.slope) + x
        return x
