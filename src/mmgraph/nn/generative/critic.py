"""The judge of an adversarial game over rows of similarities."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn

from mmgraph.nn.common.reset import Resettable
from mmgraph.nn.sparse.weighted_spmm import weighted_spmm


class RowCritic(Resettable):
    r"""Measures how much a row over all items looks like behaviour, between 0 and a scale.

    Wei et al., "Multi-Modal Self-Supervised Learning for Recommendation" (MMSSL), WWW 2023,
    https://arxiv.org/abs/2302.10632.

    .. math:: D(\mathbf a) = s\,\sigma(\mathbf w^\top \Gamma_2(\Gamma_1(\mathbf a)) + b), \qquad
              \Gamma(\mathbf x) = \mathrm{dropout}(\mathrm{BN}(\mathrm{LeakyReLU}(\mathbf W \mathbf x + \mathbf b)))

    :attr:`affine` is the first step :math:`\mathbf W_1 \mathbf a + \mathbf b_1`, which takes nearly all the time,
    :meth:`judge` what follows: of a weighted mean of rows, the same mean of what that step makes of them can be judged;
    :meth:`enter` takes the step for rows that need not be made.

    Args:
        num_items: length I of the rows; the hidden layers have I / 4 and I / 8 units.
        dropout: of the two hidden layers.
        scale: s, what the largest answer is.
        slope: of the LeakyReLU below 0.

    Shapes:
        ``(B, I)`` -> ``(B,)``

    Example:
        >>> import torch
        >>> RowCritic(16)(torch.zeros(3, 16)).shape
        torch.Size([3])
    """

    def __init__(
        self,
        num_items: int,
        *,
        dropout: tuple[float, float] = (0.31, 0.5),
        scale: float = 100.0,
        slope: float = 0.01,
    ) -> None:
        super().__init__()
        self.scale = scale
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        size = num_items
        for number, (units, drop) in enumerate(zip((num_items // 4, num_items // 8), dropout, strict=True)):
            hidden = max(1, units)
            block = nn.Linear(size, hidden), nn.LeakyReLU(slope), nn.BatchNorm1d(hidden), nn.Dropout(drop)
            layers[f"hidden_{number}"], size = nn.Sequential(*block), hidden
        layers["out"] = nn.Linear(size, 1)
        self.layers = nn.Sequential(layers)
        self.draw_parameters()

    def draw_parameters(self) -> None:
        """Draws the matrices by He's normal rule, without biases."""
        for module in self.layers.modules():
            if isinstance(module, nn.Linear):
                nn.init.kaiming_normal_(module.weight)
                nn.init.zeros_(module.bias)

    @property
    def affine(self) -> nn.Linear:
        """The first step."""
        return cast(nn.Linear, self.layers.get_submodule("hidden_0.0"))

    def forward(self, rows: Float[Tensor, "batch items"]) -> Float[Tensor, " batch"]:
        """Judges rows; in training each is seen beside the others of its batch."""
        return self.judge(self.affine(rows))

    def enter(self, rows: Sequence[tuple[Tensor, Tensor, Tensor, Tensor]]) -> Float[Tensor, "batch hidden"]:
        r"""The first step for rows :math:`\mathbf L \mathbf R^\top + \mathbf S`, a sparse S, below each other.

        Args:
            rows: each L ``(B, D)``, R ``(I, D)``, where S is ``(2, E)``, items over rows, and what it is there.
        """
        columns = self.affine.weight.T.contiguous()
        entered = [
            left @ (right.T @ columns) + weighted_spmm(columns, where, value, left.size(0))
            for left, right, where, value in rows
        ]
        return torch.cat(entered) + self.affine.bias

    def judge(self, entered: Float[Tensor, "batch hidden"]) -> Float[Tensor, " batch"]:
        """What follows; in training each row is seen beside the others of its batch."""
        if entered.size(0) == 1:  # nothing to normalise a lone row by: it keeps itself company
            return self.judge(entered.expand(2, -1))[:1]
        first = cast(nn.Sequential, self.layers[0])[1:](entered)
        judged: Tensor = self.layers[1:](first)
        return self.scale * judged.sigmoid().squeeze(-1)
