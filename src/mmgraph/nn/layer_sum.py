r"""The layers of a linear propagation added up, without ever making one of them alone.

.. math:: \sum_{l=0}^{L} \mathbf A^l \mathbf x
          = \mathbf x + \mathbf A (\mathbf x + \mathbf A (\mathbf x + \dots)), \qquad
          \mathbf A = \begin{pmatrix} 0 & \mathbf A_{UI} \\ \mathbf A_{IU} & 0 \end{pmatrix}

Horner's rule: each bracket is one sparse product added onto a copy of x, and the gradient is the same sum with the
transposed matrices. Layer by layer there would be one more pass over all nodes for every layer, and for its gradient.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from mmgraph.nn.sides import Sides
from mmgraph.nn.spmm import Adjacency, csr_matmul


class LinearLayers(NamedTuple):
    """The messages of a round, and which sum of its powers is wanted.

    Attributes:
        to_user: what items say to users.
        to_item: what users say to items.
        num_layers: rounds L, at least 1.
        with_ego: whether layer 0 is among the summands.
        scale: what the sum is multiplied by.
    """

    to_user: Adjacency
    to_item: Adjacency
    num_layers: int
    with_ego: bool
    scale: float

    def transposed(self) -> "LinearLayers":
        """Its gradient: what users told items comes back to users."""
        return self._replace(to_user=self.to_item.transposed(), to_item=self.to_user.transposed())

    def of(self, ego: Sides) -> Sides:
        """The sum, users and items."""
        total = ego
        for _ in range(self.num_layers - 1):
            total = self._round(total, onto=ego)
        return self._round(total, onto=ego if self.with_ego else (None, None), scale=self.scale)

    def _round(self, total: Sides, *, onto: Sides | tuple[None, None], scale: float = 1.0) -> Sides:
        (user, item), (onto_user, onto_item) = total, onto
        return (
            csr_matmul(self.to_user.to_target, item, scale=scale, onto=onto_user, onto_scale=scale),
            csr_matmul(self.to_item.to_target, user, scale=scale, onto=onto_item, onto_scale=scale),
        )


class _LayerSum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, user: Tensor, item: Tensor, layers: LinearLayers) -> Sides:
        ctx.layers = layers
        return layers.of((user, item))

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad_user: Tensor, grad_item: Tensor) -> tuple[Tensor, Tensor, None]:
        return (*ctx.layers.transposed().of((grad_user.contiguous(), grad_item.contiguous())), None)


def layer_sum(ego: Sides, layers: LinearLayers) -> Sides:
    """The sum that ``layers`` describes, of users and items, with gradients to both; in full precision under autocast.

    Args:
        ego: users ``(U, D)`` and items ``(I, D)`` of layer 0, of the matrices' dtype.
        layers: the matrices and the summands.
    """
    with torch.autocast(ego[0].device.type, enabled=False):
        return _LayerSum.apply(*ego, layers)
