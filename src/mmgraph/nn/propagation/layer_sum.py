r"""The layers of a linear propagation added up, most of them without ever being made.

.. math:: \sum_{l=0}^{3} \mathbf A^l \mathbf x = (\mathbf 1 + \mathbf A^2)(\mathbf 1 + \mathbf A)\,\mathbf x, \qquad
          \mathbf A = \begin{pmatrix} 0 & \mathbf A_{UI} \\ \mathbf A_{IU} & 0 \end{pmatrix}

As many sparse products as layer by layer, but each sum falls into a product that is made anyway, and there are fewer of
them: two of three layers, where layer by layer took three and a scaling. The gradient is the same sum with the
transposed matrices.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from mmgraph.nn.common.sides import add_sides
from mmgraph.nn.sparse.spmm import Adjacency, csr_matmul
from mmgraph.typing import Sides


class LinearLayers(NamedTuple):
    """The messages of a round, and which sum of its powers is wanted.

    Attributes:
        to_user: messages from items to users.
        to_item: messages from users to items.
        num_layers: rounds L, at least 1.
        with_ego: whether layer 0 is among the summands.
        scale: what the sum is multiplied by.
    """

    to_user: Adjacency
    to_item: Adjacency
    num_layers: int
    with_ego: bool = True
    scale: float = 1.0

    def transposed(self) -> "LinearLayers":
        """Its gradient: what went from users to items comes back to users."""
        return self._replace(to_user=self.to_item.transposed(), to_item=self.to_user.transposed())

    def of(self, ego: Sides) -> Sides:
        """The sum, users and items."""
        if self.with_ego:
            return self._powers(ego, self.num_layers + 1, scale=self.scale)
        return self._round(self._powers(ego, self.num_layers), scale=self.scale)

    def _powers(self, x: Sides, terms: int, *, scale: float = 1.0) -> Sides:
        """The first so many summands of x + A x + A A x + ..., times ``scale`` where there are two or more."""
        if terms == 1:
            return x
        if terms == 3:
            first = self._round(x)
            return self._round(first, onto=add_sides([x, first]), scale=scale, in_place=True)
        if terms == 2 or terms % 2:
            return self._round(self._powers(x, terms - 1), onto=x, scale=scale)
        half = self._powers(x, terms // 2)
        power = half
        for _ in range(terms // 2 - 1):
            power = self._round(power)
        return self._round(power, onto=half, scale=scale, in_place=True)

    def _round(self, x: Sides, *, onto: Sides | None = None, scale: float = 1.0, in_place: bool = False) -> Sides:
        """Messages to users and to items, added onto what may be overwritten (``in_place``) or not, times ``scale``."""
        (user, item), (onto_user, onto_item) = x, onto or (None, None)
        of_user = self.to_user.to_target
        of_item = self.to_item.to_target
        return Sides(
            csr_matmul(of_user, item, scale=scale, onto=onto_user, out=onto_user if in_place else None),
            csr_matmul(of_item, user, scale=scale, onto=onto_item, out=onto_item if in_place else None),
        )


class _LayerSum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, user: Tensor, item: Tensor, layers: LinearLayers) -> Sides:
        ctx.layers = layers
        return layers.of(Sides(user, item))

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad_user: Tensor, grad_item: Tensor) -> tuple[Tensor, Tensor, None]:
        return (*ctx.layers.transposed().of(Sides(grad_user.contiguous(), grad_item.contiguous())), None)


def layer_sum(ego: Sides, layers: LinearLayers) -> Sides:
    """The sum that ``layers`` describes, of users and items, with gradients to both; in full precision under autocast.

    Args:
        ego: users ``(U, D)`` and items ``(I, D)`` of layer 0.
        layers: the matrices and the summands.
    """
    dtype = layers.to_user.to_target.dtype
    with torch.autocast(ego.user.device.type, enabled=False):
        return Sides(*_LayerSum.apply(ego.user.to(dtype), ego.item.to(dtype), layers))
