"""A user's final vector from the final vectors of the items chosen."""

from typing import NamedTuple

import torch
from jaxtyping import Float, Float64, Int
from torch import Tensor

from mmgraph.extension.sums import counts, pair_sums

_LEAST_SIGNAL = 0.1
_JITTER = 1e-6
_LEAST_SPREAD = 1e-12  # where all vectors are equal


class Taste(NamedTuple):
    r"""The best linear guess of a user's vector from the mean of n items' vectors, each of which holds a part only.

    The means of old users, :math:`\bar{\mathbf x}_u`, vary among users by :math:`\mathbf B` and, as each is the mean of
    few items, by chance as well, :math:`\mathbf W / n_u`. Both are known, so a short history is trusted less than a
    long one (errors in variables; there is no number to choose):

    .. math:: \hat{\mathbf e}_u = \boldsymbol\mu + \mathbf C^\top (\mathbf B + \mathbf W / n)^{-1}
              (\bar{\mathbf x}_u - \boldsymbol\nu), \qquad \mathbf C = \operatorname{cov}(\bar{\mathbf x}, \mathbf e)

    A user without items gets the mean user's vector. :math:`\mathbf B` and :math:`\mathbf W` are kept as what makes
    both diagonal, so any n costs two products.

    Attributes:
        center: :math:`\boldsymbol\nu`, of the means ``(D,)``.
        mean: :math:`\boldsymbol\mu`, of the users' vectors ``(D,)``.
        into: to coordinates in which W is the identity and B diagonal ``(D, D)``.
        signal: B in them ``(D,)``.
        out: from them to users' vectors ``(D, D)``.
    """

    center: Tensor
    mean: Tensor
    into: Tensor
    signal: Tensor
    out: Tensor

    @classmethod
    def fit(
        cls,
        user: Float[Tensor, "users dim"],
        item: Float[Tensor, "items dim"],
        edge_index: Int[Tensor, "2 edges"],
    ) -> "Taste":
        """Learns it from old users.

        Args:
            user: their final vectors.
            item: final vectors of the items.
            edge_index: who chose what, users over items.
        """
        count = counts(edge_index[0], user.size(0))
        known = count > 0
        total = pair_sums(item, edge_index[1], edge_index[0], user.size(0))[known]
        count = count[known].unsqueeze(1)
        mean_item = total / count
        within = _within(item, counts(edge_index[1], item.size(0)), mean_item, count)
        center = mean_item.mean(0)
        mean = user[known].double().mean(0)
        seen = mean_item - center
        spread = seen.T @ seen / seen.size(0)
        size = _JITTER * (within.trace() + spread.trace()) / within.size(0)
        within = within + size.clamp(min=_LEAST_SPREAD) * torch.eye(within.size(0)).double()
        noise = count.reciprocal().mean()
        lower = torch.linalg.inv(torch.linalg.cholesky(within))
        between = lower @ (spread - noise * within) @ lower.T
        signal, axes = torch.linalg.eigh((between + between.T) / 2)
        into = lower.T @ axes
        out = into.T @ (seen.T @ (user[known].double() - mean)) / seen.size(0)
        # An axis along which users seem to differ by less than chance still has some of what they are.
        return cls(center, mean, into, signal.clamp(min=float(_LEAST_SIGNAL * noise)), out)

    def guess(
        self, total: Float64[Tensor, "users dim"], count: Float64[Tensor, " users"]
    ) -> Float64[Tensor, "users dim"]:
        """Users' vectors.

        Args:
            total: sums of their items' vectors.
            count: how many these are; 0 gives the mean user.
        """
        count = count.unsqueeze(1)
        seen = (total / count.clamp(min=1) - self.center) @ self.into
        trusted = seen * (count / (self.signal * count + 1))
        return trusted @ self.out + self.mean


def _within(item: Tensor, popularity: Tensor, mean_item: Tensor, count: Tensor) -> Tensor:
    """How the items of one user differ, as a covariance over all users."""
    vectors = item.double()
    about_users = (vectors * popularity.unsqueeze(1)).T @ vectors - (mean_item * count).T @ mean_item
    return about_users / (count - 1).sum().clamp(min=1)
