"""Nodes choose hyperedges: logits become soft memberships that can be trained."""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

NOISES = ("gumbel", "logistic", "none")


def assignment_logits(
    x: Float[Tensor, "nodes features"], hyperedge: Float[Tensor, "features hyperedges"]
) -> Float[Tensor, "nodes hyperedges"]:
    r"""How well the features of each node fit each hyperedge, :math:`\mathbf X \mathbf V` (LGMRec, Eq. 7).

    Shapes:
        ``(N, d)``, ``(d, A)`` -> ``(N, A)``

    Example:
        >>> assignment_logits(torch.eye(2), torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
        tensor([[1., 2., 3.],
                [4., 5., 6.]])
    """
    # Not x @ hyperedge, whose gradient torch computes as x^T g: for 7,050 x 4,096 features and 4 hyperedges that takes
    # 26 ms on two cores, and g^T x takes 6.
    return F.linear(x, hyperedge.T.contiguous())


def soft_assignment(
    logits: Float[Tensor, "nodes hyperedges"], *, tau: float, noise: str = "none"
) -> Float[Tensor, "nodes hyperedges"]:
    r"""Membership of each node in each hyperedge; the lower the temperature, the closer to a choice of one.

    Jang, Gu and Poole, "Categorical Reparameterization with Gumbel-Softmax", ICLR 2017,
    https://arxiv.org/abs/1611.01144; as in LGMRec, Eq. 8.

    .. math:: \tilde{\mathbf h} = \mathrm{softmax}\!\left(\frac{\mathbf h + \mathbf g}{\tau}\right), \qquad
              \mathbf g = -\log(-\log \boldsymbol\delta)\ (\text{gumbel}),\quad
              \log \boldsymbol\delta - \log(1 - \boldsymbol\delta)\ (\text{logistic}),\quad 0\ (\text{none})

    with :math:`\delta \sim U(0, 1)`, drawn from torch's generator.

    Args:
        logits: how well each node fits each hyperedge.
        tau: temperature, above 0.
        noise: which noise is added.

    Shapes:
        ``(N, A)`` -> ``(N, A)``; rows sum to 1

    Raises:
        ValueError: if ``tau`` is not above 0 or ``noise`` is not known.

    Example:
        >>> soft_assignment(torch.tensor([[0.0, 0.0], [9.0, 0.0]]), tau=0.2)
        tensor([[5.0000e-01, 5.0000e-01],
                [1.0000e+00, 2.8625e-20]])
    """
    _check(tau, noise)
    if noise != "none":
        # Away from 0 and 1, where either noise would be infinite.
        delta = torch.rand_like(logits).clamp(min=1e-7, max=1 - 1e-7)
        logits = logits + (-torch.log(-torch.log(delta)) if noise == "gumbel" else torch.logit(delta))
    return torch.softmax(logits / tau, dim=-1)


def _check(tau: float, noise: str) -> None:
    if not tau > 0:
        raise ValueError(f"tau={tau} must be above 0")
    if noise not in NOISES:
        raise ValueError(f"noise={noise!r} is not known; choose one of {', '.join(NOISES)}")


class SoftAssignment(nn.Module):
    """:func:`soft_assignment` with noise while training and, by default, without it while ranking.

    Args:
        tau: temperature, above 0.
        noise: "gumbel", "logistic" or "none".
        eval_noise: draws noise in evaluation mode too, as LGMRec's official code does; scores then differ each time.

    Shapes:
        ``(N, A)`` -> ``(N, A)``

    Raises:
        ValueError: if ``tau`` is not above 0 or ``noise`` is not known.

    Example:
        >>> SoftAssignment(tau=0.2).eval()(torch.zeros(1, 4))
        tensor([[0.2500, 0.2500, 0.2500, 0.2500]])
    """

    def __init__(self, *, tau: float = 0.2, noise: str = "gumbel", eval_noise: bool = False) -> None:
        super().__init__()
        _check(tau, noise)
        self.tau = tau
        self.noise = noise
        self.eval_noise = eval_noise

    def forward(self, logits: Float[Tensor, "nodes hyperedges"]) -> Float[Tensor, "nodes hyperedges"]:
        """Memberships of every node."""
        noise = self.noise if self.training or self.eval_noise else "none"
        return soft_assignment(logits, tau=self.tau, noise=noise)
