"""A network that finds blurred rows of interactions again (DiffMM)."""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from mmgraph.nn.common.reset import Resettable
from mmgraph.nn.generative.noise_schedule import GaussianDiffusion


class RowDenoiser(Resettable):
    r"""Guesses a clean row of interactions from a blurred one: a perceptron with the step's number beside the row.

    DiffMM (https://arxiv.org/abs/2406.11781): with :math:`\mathbf s_t` sines and cosines of t,

    .. math:: \hat{\boldsymbol\alpha}_0 = \mathbf W_2 \tanh(\mathbf W_1 \boldsymbol\alpha_t + \mathbf W_3
              (\mathbf W_4 \mathbf s_t + \mathbf b_4) + \mathbf b_1) + \mathbf b_2

    Args:
        num_items: length I of the rows.
        hidden_dim: units of the hidden layer.
        time_dim: numbers that stand for t; even.

    Shapes:
        row ``(B, I)``, step ``(B,)`` -> ``(B, I)``

    Raises:
        ValueError: if ``time_dim`` is odd or below 2.

    Example:
        >>> RowDenoiser(6, hidden_dim=4, time_dim=2)(torch.zeros(3, 6), torch.zeros(3, dtype=torch.long)).shape
        torch.Size([3, 6])
    """

    def __init__(self, num_items: int, *, hidden_dim: int = 1000, time_dim: int = 10) -> None:
        super().__init__()
        if time_dim < 2 or time_dim % 2:
            raise ValueError(f"time_dim={time_dim} must be 2, 4, ...: a sine and a cosine each")
        # Items are rows of both tables, as in every table of items.
        self.encode = nn.Parameter(torch.empty(num_items, hidden_dim))
        self.decode = nn.Parameter(torch.empty(num_items, hidden_dim))
        self.decode_bias = nn.Parameter(torch.empty(num_items))
        self.time = nn.Linear(time_dim, time_dim)
        self.encode_time = nn.Linear(time_dim, hidden_dim)
        self.draw_parameters()

    def draw_parameters(self) -> None:
        """Draws the matrices with variances of 2 over inputs and outputs (of steps: 1 over inputs), biases small."""
        num_items, hidden_dim = self.encode.shape
        time_dim = self.time.in_features
        spread = math.sqrt(2.0 / (num_items + time_dim + hidden_dim))
        for weight, std in (
            (self.encode, spread),
            (self.encode_time.weight, spread),
            (self.decode, math.sqrt(2.0 / (num_items + hidden_dim))),
            (self.time.weight, math.sqrt(1.0 / time_dim)),
            *((bias, 1e-3) for bias in (self.decode_bias, self.time.bias, self.encode_time.bias)),
        ):
            nn.init.normal_(weight, std=std)

    def forward(self, rows: Float[Tensor, "batch items"], step: Int[Tensor, " batch"]) -> Float[Tensor, "batch items"]:
        """The guess."""
        return torch.tanh(rows @ self.encode + self.encode_steps(step)) @ self.decode.T + self.decode_bias

    def encode_steps(self, step: Int[Tensor, " batch"]) -> Float[Tensor, "batch hidden"]:
        """What the hidden units get from the numbers of steps."""
        half = self.time.in_features // 2
        rate = torch.exp(torch.arange(half, device=step.device, dtype=self.encode.dtype) * (-math.log(10_000) / half))
        angle = step.unsqueeze(-1) * rate
        time: Tensor = self.encode_time(self.time(torch.cat([angle.cos(), angle.sin()], dim=-1)))
        return time


class RowDiffusion(Resettable):
    r"""A denoiser beside the schedule that it denoises.

    DiffMM (https://arxiv.org/abs/2406.11781); see :class:`GaussianDiffusion` and :class:`RowDenoiser`.

    Args:
        num_items: length I of the rows.
        num_steps: T.
        noise_scale: s, in (0, 1].
        hidden_dim: hidden units of the denoiser.
        dropout: of the blurred rows that it learns from.

    Shapes:
        rows ``(B, I)`` -> guesses ``(B, I)`` and what each row's error counts ``(B,)``

    Raises:
        ValueError: if a setting is out of range.

    Example:
        >>> diffusion = RowDiffusion(6, hidden_dim=4)
        >>> [tuple(x.shape) for x in diffusion(torch.eye(6)[:3])], tuple(diffusion.restore(torch.eye(6)).shape)
        ([(3, 6), (3,)], (6, 6))
    """

    def __init__(
        self,
        num_items: int,
        *,
        num_steps: int = 5,
        noise_scale: float = 0.1,
        hidden_dim: int = 1000,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        if not 0 <= dropout < 1:
            raise ValueError(f"dropout={dropout} must be in [0, 1)")
        self.schedule = GaussianDiffusion(num_steps, noise_scale=noise_scale)
        self.denoiser = RowDenoiser(num_items, hidden_dim=hidden_dim)
        self.dropout = dropout

    def forward(
        self, rows: Float[Tensor, "batch items"]
    ) -> tuple[Float[Tensor, "batch items"], Float[Tensor, " batch"]]:
        """Blurs each row to a random step and guesses it again."""
        step = torch.randint(self.schedule.num_steps, (rows.size(0),), device=rows.device)
        blurred = self.schedule.blur(rows, step, torch.randn_like(rows))
        guess = self.denoiser(F.dropout(blurred, self.dropout, self.training), step)
        return guess, self.schedule.error_weight(step)

    @torch.no_grad()
    def restore(self, rows: Float[Tensor, "batch items"]) -> Float[Tensor, "batch items"]:
        r"""Walks back from rows that are taken as they are, without noise, to clean ones.

        Every step but the last stays among the hidden units: of a row :math:`\boldsymbol\alpha` only
        :math:`\boldsymbol\alpha \mathbf W_1` enters the next guess, and that of a guess
        :math:`\mathbf z \mathbf W_2 + \mathbf b_2` is :math:`\mathbf z (\mathbf W_2 \mathbf W_1) +
        \mathbf b_2 \mathbf W_1`. The last step back is the guess itself.

        Args:
            rows: dense, or a sparse COO tensor.
        """
        with torch.autocast(rows.device.type, enabled=False):
            return self._walk_back(rows, self._turn())

    def _turn(self) -> Tensor:
        """What leads from the hidden units of a guess to those of the next."""
        return self.denoiser.decode.T @ self.denoiser.encode

    def _walk_back(self, rows: Tensor, turn: Tensor) -> Tensor:
        denoiser, schedule = self.denoiser, self.schedule
        hidden = rows @ denoiser.encode
        bias = denoiser.decode_bias @ denoiser.encode
        time = denoiser.encode_steps(torch.arange(schedule.num_steps, device=rows.device))
        for step in range(schedule.num_steps - 1, 0, -1):
            guess = torch.addmm(bias, torch.tanh(hidden + time[step]), turn)
            hidden = schedule.back(hidden, guess, step)
        return torch.tanh(hidden + time[0]) @ denoiser.decode.T + denoiser.decode_bias

    @torch.no_grad()
    def best(self, rows: Float[Tensor, "users items"], k: int, batch_size: int) -> Int[Tensor, "2 edges"]:
        """Edges from each user to the k items that are largest in its restored row.

        Args:
            rows: the users' interactions, a sparse COO tensor.
            k: items for each user.
            batch_size: users restored at once: memory, not results.
        """
        users = torch.arange(rows.size(0), device=rows.device)
        with torch.autocast(rows.device.type, enabled=False):
            turn = self._turn()
            parts = (self._walk_back(rows.index_select(0, part), turn) for part in users.split(batch_size))
            items = torch.cat([restored.topk(k, dim=-1).indices for restored in parts])
        return torch.stack([users.repeat_interleave(k), items.flatten()])
