"""The judge of an adversarial game over rows of similarities."""

from collections import OrderedDict
from typing import cast

from jaxtyping import Float
from torch import Tensor, nn

from mmgraph.nn.common.reset import Resettable


class RowCritic(Resettable):
    r"""Measures how much a row over all items looks like behaviour, between 0 and a scale.

    Wei et al., "Multi-Modal Self-Supervised Learning for Recommendation" (MMSSL), WWW 2023,
    https://arxiv.org/abs/2302.10632.

    .. math:: D(\mathbf a) = s\,\sigma(\mathbf w^\top \Gamma_2(\Gamma_1(\mathbf a)) + b), \qquad
              \Gamma(\mathbf x) = \mathrm{dropout}(\mathrm{BN}(\mathrm{LeakyReLU}(\mathbf W \mathbf x + \mathbf b)))

    :meth:`enter` is the affine step :math:`\mathbf W_1 \mathbf a + \mathbf b_1`, which takes nearly all the time,
    :meth:`judge` what follows: of a weighted mean of rows, the same mean of what they entered as can be judged.

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
    def entry(self) -> Float[Tensor, "hidden items"]:
        """The matrix of :meth:`enter`."""
        return self._affine.weight

    @property
    def _affine(self) -> nn.Linear:
        return cast(nn.Linear, self.layers.get_submodule("hidden_0.0"))

    def forward(self, rows: Float[Tensor, "batch items"]) -> Float[Tensor, " batch"]:
        """Judges rows; in training each is seen beside the others of its batch."""
        return self.judge(self.enter(rows))

    def enter(self, rows: Float[Tensor, "batch items"]) -> Float[Tensor, "batch hidden"]:
        """The affine step."""
        entered: Tensor = self._affine(rows)
        return entered

    def judge(self, entered: Float[Tensor, "batch hidden"]) -> Float[Tensor, " batch"]:
        """What follows; in training each row is seen beside the others of its batch."""
        if entered.size(0) == 1:  # nothing to normalise a lone row by: it keeps itself company
            return self.judge(entered.expand(2, -1))[:1]
        first = cast(nn.Sequential, self.layers[0])[1:](entered)
        judged: Tensor = self.layers[1:](first)
        return self.scale * judged.sigmoid().squeeze(-1)
