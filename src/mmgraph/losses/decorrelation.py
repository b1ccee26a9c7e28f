"""The term that keeps stacked layers from repeating themselves in several dimensions."""

import torch
from torch import Tensor

from mmgraph.losses.base import LossTerm, PairScorer
from mmgraph.losses.correlation import feature_decorrelation
from mmgraph.losses.views import BySide, exact_rows, find_views, take
from mmgraph.typing import Encoding, Triplets


class LayerDecorrelation(LossTerm):
    r"""Correlation of the dimensions in every layer; layers that are less correlated weigh more.

    Wu et al., "AFDGCF: Adaptive Feature De-correlation Graph Collaborative Filtering for Recommendations", SIGIR 2024,
    https://arxiv.org/abs/2403.17416; MGNM (https://arxiv.org/abs/2411.01561), Eq. 20-25.

    .. math:: \mathcal L = \sum_{l} \mu_U^l\, p(\mathbf E_U^{(l)}) + \mu_I^l\, p(\mathbf E_I^{(l)}), \qquad
              \mu^l = \frac{1 / p(\mathbf E^{(l)})}{\sum_{k} 1 / p(\mathbf E^{(k)})}

    with :math:`p` of :func:`mmgraph.losses.feature_decorrelation`. Views are layers of one kind if their names differ
    after the last dot only, where the number of the layer stands: ``"modal_layer.*"`` finds ``modal_layer.text.0``,
    ``modal_layer.text.1``, ``modal_layer.image.0``, ... The weights of each kind and side sum to 1; the kinds and sides
    are added up. It costs 4 N D^2 operations for each layer of N nodes, backward pass included.

    Args:
        of: pattern of the views.
        weight: factor of the term; 0 or None: not computed.
        first_layer: the layers below are left out; 0 in MGNM's text, 1 in AFDGCF.
        detach: takes the weights :math:`\mu` as constants, as AFDGCF's code does. The value is the same either way.

    Raises:
        ValueError: if ``first_layer`` is negative.
        KeyError: at the first step, if no view matches, one is not numbered, or none is left.

    Example:
        >>> LayerDecorrelation("layer.*", weight=1e-4).weight
        0.0001
    """

    def __init__(self, of: str, *, weight: float | None = 1.0, first_layer: int = 0, detach: bool = True) -> None:
        super().__init__(weight=weight)
        if first_layer < 0:
            raise ValueError(f"first_layer={first_layer} must be at least 0, the layer before any propagation")
        self.of = of
        self.first_layer = first_layer
        self.detach = detach

    def forward(self, model: PairScorer, encoding: Encoding, batch: Triplets) -> Tensor:
        """Weighted correlations of all layers found."""
        correlations: dict[tuple[str, str], list[Tensor]] = {}
        for kind, view in self._layers(encoding):
            for side, x in view.items():
                rows = exact_rows("user" if side == "user" else "item", batch)
                correlations.setdefault((kind, side), []).append(feature_decorrelation(take(x, rows)))
        total = encoding.user.new_zeros(())
        for values in correlations.values():
            total = total + self._balance(torch.stack(values))
        return total

    def _layers(self, encoding: Encoding) -> list[tuple[str, BySide]]:
        layers = []
        for name, view in find_views(encoding, self.of).items():
            kind, _, number = name.rpartition(".")
            if not number.isdecimal():
                raise KeyError(f"view {name!r} has no layer number after its last dot; of={self.of!r} must find layers")
            if int(number) >= self.first_layer:
                layers.append((kind, view))
        if not layers:
            raise KeyError(f"of={self.of!r} finds no layer from first_layer={self.first_layer} on")
        return layers

    def _balance(self, correlation: Tensor) -> Tensor:
        # softmax(-log p) is (1/p) / sum(1/p) without a division by p, which may be zero.
        logits = -correlation.clamp(min=torch.finfo(correlation.dtype).tiny).log()
        share = torch.softmax(logits.detach() if self.detach else logits, dim=0)
        return (share * correlation).sum()
