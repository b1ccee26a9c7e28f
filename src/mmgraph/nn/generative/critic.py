"""The judge of an adversarial game over rows of similarities."""

from collections import OrderedDict

from jaxtyping import Float
from torch import Tensor, nn

from mmgraph.nn.common.reset import Resettable


class RowCritic(Resettable):
    r"""Measures how much a row over all items looks like behaviour, between 0 and a scale.

    Wei et al., "Multi-Modal Self-Supervised Learning for Recommendation" (MMSSL), WWW 2023,
    https://arxiv.org/abs/2302.10632.

    .. math:: D(\mathbf a) = s\,\sigma(\mathbf w^\top \Gamma_2(\Gamma_1(\mathbf a)) + b), \qquad
              \Gamma(\mathbf x) = \mathrm{dropout}(\mathrm{BN}(\mathrm{LeakyReLU}(\mathbf W \mathbf x + \mathbf b)))

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

    def forward(self, rows: Float[Tensor, "batch items"]) -> Float[Tensor, " batch"]:
        """Judges rows; in training each is seen beside the others of its batch."""
        if rows.size(0) == 1:  # nothing to normalise a lone row by: it keeps itself company
            return self(rows.expand(2, -1))[:1]
        return self.scale * self.layers(rows).sigmoid().squeeze(-1)
