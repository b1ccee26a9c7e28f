"""The term that denoisers of interactions learn from."""

from torch import Tensor

from mmgraph.losses.base import LossTerm, PairScorer
from mmgraph.losses.views import find_views, interactions_of, model_part, side_of
from mmgraph.typing import Encoding, Triplets


class Denoising(LossTerm):
    r"""Each modality's denoiser should find the users' interactions again, and what they mean in that modality.

    Jiang et al., "DiffMM: Multi-Modal Diffusion Model for Recommendation", MM 2024, https://arxiv.org/abs/2406.11781.
    Minimised by the parameter group "denoiser"; nothing else learns from it.

    .. math:: \mathcal L = \sum_m \operatorname{mean}_u\Big(
        \frac{w_t}{I} \|\hat{\boldsymbol\alpha}^m_0 - \boldsymbol\alpha_0\|^2 + \frac{\lambda}{D}
        \|\hat{\boldsymbol\alpha}^m_0 \mathbf F^m - \boldsymbol\alpha_0 \mathbf E\|^2 \Big)

    over the batch's users, each once, with their interactions :math:`\boldsymbol\alpha_0`, the items' projected
    features F and free vectors E.

    Args:
        of: pattern of the views F of the items, one for each modality.
        weight: factor of the term; 0 or None: not computed.
        signal: :math:`\lambda`, of the second part.
        ego: view E of the items.
        interactions: view of the users' interactions, a sparse tensor ``(U, I)``.

    Raises:
        ValueError: if ``signal`` is negative.
        KeyError: at the first step, if the model has no denoisers, no view matches, or one lacks a side.

    Example:
        >>> Denoising("feature.*", signal=0.01).group
        'denoiser'
    """

    group = "denoiser"

    def __init__(
        self,
        of: str,
        *,
        weight: float | None = 1.0,
        signal: float = 0.01,
        ego: str = "ego",
        interactions: str = "interactions",
    ) -> None:
        super().__init__(weight=weight)
        if not signal >= 0:
            raise ValueError(f"signal={signal} must be at least 0")
        self.of = of
        self.signal = signal
        self.ego = ego
        self.interactions = interactions

    def forward(self, model: PairScorer, encoding: Encoding, batch: Triplets) -> Tensor:
        """Loss of the batch's users, summed over modalities."""
        # By modality: of rows (B, I) to guesses of them, blurred at random, and what each row's error counts.
        denoisers = model_part(model, "denoisers", encoding)
        ego = side_of(find_views(encoding, self.ego)[self.ego], name=self.ego, side="item")
        rows = interactions_of(encoding, self.interactions, batch.user.unique()).to_dense().to(encoding.item.dtype)
        meaning = rows @ ego.detach()
        total = encoding.user.new_zeros(())
        for name, view in find_views(encoding, self.of).items():
            guess, weight = denoisers[name.partition(".")[2]](rows)
            error = weight * (guess - rows).square().mean(-1)
            apart = guess @ side_of(view, name=name, side="item").detach() - meaning
            total = total + (error + self.signal * apart.square().mean(-1)).mean()
        return total
