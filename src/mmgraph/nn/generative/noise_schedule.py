"""How a diffusion blurs rows of interactions, and walks back (DiffMM, after DiffRec)."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn


class GaussianDiffusion(nn.Module):
    r"""How much of a row is left after t steps, and how a guess of the clean row leads one step back.

    Jiang et al., "DiffMM: Multi-Modal Diffusion Model for Recommendation", MM 2024, https://arxiv.org/abs/2406.11781,
    with the schedule of DiffRec (SIGIR 2023, https://arxiv.org/abs/2304.04971).

    .. math::
        \boldsymbol\alpha_t &= \sqrt{\bar\gamma_t}\, \boldsymbol\alpha_0 + \sqrt{1 - \bar\gamma_t}\,
            \boldsymbol\epsilon, \qquad \bar\gamma_t = \prod_{s \le t} (1 - \beta_s) \\
        \boldsymbol\alpha_{t-1} &= \frac{\sqrt{\bar\gamma_{t-1}}\, \beta_t}{1 - \bar\gamma_t}\,
            \hat{\boldsymbol\alpha}_0 + \frac{\sqrt{1 - \beta_t}\, (1 - \bar\gamma_{t-1})}{1 - \bar\gamma_t}\,
            \boldsymbol\alpha_t

    Variances grow linearly from ``noise_scale * noise_min`` to ``noise_scale * noise_max``; the first is set to 1e-4.

    Args:
        num_steps: T.
        noise_scale: s, in (0, 1].
        noise_min: share of s after the first step.
        noise_max: share of s after the last.

    Raises:
        ValueError: if a setting is out of range.

    Example:
        >>> diffusion = GaussianDiffusion(5)
        >>> diffusion.blur(torch.ones(1, 2), torch.tensor([0]), torch.zeros(1, 2))
        tensor([[0.9999, 0.9999]])
    """

    left: Tensor
    weight: Tensor
    guess_share: Tensor
    row_share: Tensor

    def __init__(
        self,
        num_steps: int,
        *,
        noise_scale: float = 0.1,
        noise_min: float = 1e-4,
        noise_max: float = 0.02,
    ) -> None:
        super().__init__()
        if num_steps < 1 or not (0 < noise_scale <= 1 and 0 < noise_min <= noise_max < 1):
            raise ValueError(
                f"num_steps={num_steps} must be at least 1, noise_scale={noise_scale} in (0, 1], and "
                f"noise_min={noise_min} and noise_max={noise_max} in (0, 1) in this order"
            )
        self.num_steps = num_steps
        left = 1 - torch.linspace(noise_scale * noise_min, noise_scale * noise_max, num_steps, dtype=torch.float64)
        before = torch.cat([left.new_ones(1), left[:-1]])
        beta = (1 - left / before).clamp(max=0.999)
        beta[0] = 1e-4
        left = (1 - beta).cumprod(0)
        before = torch.cat([left.new_ones(1), left[:-1]])
        dtype = torch.get_default_dtype()
        for name, value in {
            "left": left,
            "guess_share": before.sqrt() * beta / (1 - left),
            "row_share": (1 - beta).sqrt() * (1 - before) / (1 - left),
        }.items():
            self.register_buffer(name, value.to(dtype), persistent=False)
        self.register_buffer("weight", self._weight(left).to(dtype), persistent=False)

    @staticmethod
    def _weight(left: Tensor) -> Tensor:
        signal_to_noise = left / (1 - left)
        return torch.cat([left.new_ones(1), signal_to_noise[:-1] - signal_to_noise[1:]])

    def blur(
        self, rows: Float[Tensor, "batch items"], step: Int[Tensor, " batch"], noise: Float[Tensor, "batch items"]
    ) -> Float[Tensor, "batch items"]:
        """Rows after ``step`` (from 0) of all steps."""
        left = self.left[step].unsqueeze(-1)
        return left.sqrt() * rows + (1 - left).sqrt() * noise

    def error_weight(self, step: Int[Tensor, " batch"]) -> Float[Tensor, " batch"]:
        """What an error at each step counts: the signal-to-noise ratio that the step takes, 1 at the first."""
        return self.weight[step]

    def back(
        self, rows: Float[Tensor, "batch items"], guess: Float[Tensor, "batch items"], step: int
    ) -> Float[Tensor, "batch items"]:
        """Rows before ``step``, expected where the clean ones are guessed to be ``guess``."""
        return self.guess_share[step] * guess + self.row_share[step] * rows
