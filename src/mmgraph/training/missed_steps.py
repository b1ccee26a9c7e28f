"""What Adam would have done to a row in the steps that did not reach it."""

import math
from itertools import accumulate
from typing import NamedTuple

import torch
from jaxtyping import Float, Float64, Int64
from torch import Tensor

_CHUNK = 1024  # steps whose sums are made at once
_ROUNDING = 1e-17
_POWERS = (1, 2, 3)
_LITTLE = 1e-30  # a second moment beside which eps is all
_TINY = torch.finfo(torch.float64).tiny


class Sums(NamedTuple):
    """Of the steps that each of some rows has missed, in the letters of :class:`MissedSteps`.

    Attributes:
        weight: W; 0 where there were none.
        shift: U, the mean.
        spread: the standard deviation of u.
        decays: what is left of the first moment, and of the second.
    """

    weight: Float64[Tensor, " rows"]
    shift: Float64[Tensor, " rows"]
    spread: Float64[Tensor, " rows"]
    decays: tuple[Float64[Tensor, " rows"], Float64[Tensor, " rows"]]

    def factors(self, *, lr: float, eps: float, dtype: torch.dtype) -> Float[Tensor, "5 rows 1"]:
        """All of them in the form in which :func:`move_missed_` takes them.

        Args:
            lr: Adam's learning rate.
            eps: what Adam adds to its denominator.
            dtype: of the rows.
        """
        scaled = (lr * self.weight, eps * self.shift, eps * self.spread, *self.decays)
        return torch.stack(scaled).to(dtype).unsqueeze(2)


class MissedSteps:
    r"""Sums, in closed form, of the steps that Adam takes along a gradient of zero.

    A row whose last gradient came in step s still moves: its moments decay, :math:`m_s \beta_1^{i-s}` and
    :math:`v_s \beta_2^{i-s}` in step i, so that with Adam's bias corrections it goes by

    .. math:: -\eta \sum_{i=s+1}^{t} \frac{m_s \beta_1^{i-s} / (1 - \beta_1^i)}
              {\sqrt{v_s \beta_2^{i-s} / (1 - \beta_2^i)} + \epsilon}
              = -\eta\, m_s \sum_{i=s+1}^{t} \frac{w_i}{\sqrt{v_s} + \epsilon u_i}
              \approx -\eta\, m_s \frac{W}{d} \Big(1 + \frac{\epsilon^2 R}{d^2}\Big), \quad d = \sqrt{v_s} + \epsilon U

    with :math:`u_i = \sqrt{1 - \beta_2^i}\,\beta_2^{-(i-s)/2}` and :math:`w_i = u_i \beta_1^{i-s} / (1 - \beta_1^i)`;
    W is the sum of the w, U and R are mean and variance of the u weighed by them. What is left out is of the third
    order in :math:`\epsilon` and in how far the u, nearly equal after the first hundred steps, lie apart. Each sum is
    one of the form :math:`\sum_{i=s+1}^{t} \rho^{i-s} g_i = T(s) - \rho^{t-s} T(t)`, where :math:`T` goes on for ever:
    known for each step once, whatever row asks.

    Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, https://arxiv.org/abs/1412.6980.

    Args:
        betas: the decay rates of both moments, :math:`\beta_1 < \beta_2^{3/2}`.
        first: the earliest step that will be asked for.
        device: where the answers are wanted.

    Example:
        >>> missed = MissedSteps((0.9, 0.999), first=10, device=torch.device("cpu"))
        >>> weight, *_ = missed.between(torch.tensor([10, 11]), 11)
        >>> expected = (1 - 0.999**11) ** 0.5 / (1 - 0.9**11) * 0.9 / 0.999**0.5
        >>> abs(weight[0].item() - expected) < 1e-12, weight[1].item()          # one step was missed, and none
        (True, 0.0)
    """

    def __init__(self, betas: tuple[float, float], *, first: int, device: torch.device) -> None:
        self.betas = betas
        self.first = first
        self.ratios = [betas[0] * betas[1] ** (-power / 2) for power in _POWERS]
        self.tails = torch.zeros(len(_POWERS), 0, dtype=torch.float64, device=device)

    def between(self, since: Int64[Tensor, " rows"], now: int) -> Sums:
        """The sums of the steps after ``since`` up to ``now``, for each row."""
        while now - self.first >= self.tails.size(1):
            self._extend()
        missed = (now - since).double()
        decay = self.betas[0] ** missed
        growth = torch.exp(missed * (-0.5 * math.log(self.betas[1])))  # of u; powers with a tensor as exponent are slow
        tails = self.tails.index_select(1, since - self.first)
        ends = self.tails[:, now - self.first]
        moments = [tail - decay * growth**power * end for tail, power, end in zip(tails, _POWERS, ends, strict=True)]
        weight = moments[0].clamp(min=0)
        mean, square = (moment / weight.clamp(min=_TINY) for moment in moments[1:])
        spread = (square - mean.square()).clamp(min=0).sqrt()
        return Sums(weight, torch.where(weight > 0, mean, 1.0), spread, (decay, growth**-2))

    def _extend(self) -> None:
        start = self.first + self.tails.size(1)
        more = torch.tensor([self._tails(power, start) for power in _POWERS], dtype=torch.float64)
        self.tails = torch.cat([self.tails, more.to(self.tails.device)], dim=1)

    def _tails(self, power: int, start: int) -> list[float]:
        """T of a chunk of steps, from far behind it, where it does not matter any more what follows."""
        ratio = self.ratios[power - 1]
        horizon = math.ceil(math.log(_ROUNDING) / math.log(ratio)) if ratio else 0
        steps = range(start + 1, start + _CHUNK + horizon)
        terms = [math.sqrt(1 - self.betas[1] ** i) ** power / (1 - self.betas[0] ** i) for i in steps]
        tails = accumulate(reversed(terms), lambda tail, term: ratio * (term + tail), initial=ratio / (1 - ratio))
        return list(tails)[: -_CHUNK - 1 : -1]


def move_missed_(
    value: Float[Tensor, "rows dim"],
    mean: Float[Tensor, "rows dim"],
    square: Float[Tensor, "rows dim"],
    factors: Float[Tensor, "5 rows 1"],
) -> None:
    """Makes of rows and moments, as they were after their last gradient, what they are now; in place.

    Args:
        value: the rows.
        mean: their first moment.
        square: their second moment.
        factors: :meth:`Sums.factors`.
    """
    weight, shift, spread, mean_decay, square_decay = factors
    # The root of an exact 0, of which rows that were never met are full, takes ten times as long as any other.
    inverse = square.add(_LITTLE).sqrt_().add_(shift).reciprocal_()
    correction = (spread * inverse).square_().add_(1)
    value.addcmul_(correction.mul_(inverse).mul_(mean), weight, value=-1)
    mean.mul_(mean_decay)
    square.mul_(square_decay)
