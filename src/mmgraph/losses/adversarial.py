"""An adversarial game: a critic separates behaviour from what modalities predict, and these learn to pass (MMSSL)."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F
from torch_geometric.utils import softmax

from mmgraph.losses.base import LossTerm, PairScorer
from mmgraph.losses.factored import FactoredRows, fill_seen, unseen_similarity
from mmgraph.losses.views import BySide, find_views, interactions_of, model_part, side_of, take
from mmgraph.typing import Encoding, Triplets

Judge = Callable[[Tensor], Tensor]
"""Of rows over all items, ``(B, I) -> (B,)``: what these terms ask of a model, as its ``critic``.

One whose first step is affine may have it apart, as :class:`mmgraph.nn.RowCritic` has: ``affine`` is that step, a
``torch.nn.Linear``, ``enter`` takes it for several :class:`FactoredRows`, ``judge`` is what follows. Then no row enters
twice, and few are even made.
"""


_VANISHING = 104.0  # exp(-104) is 0 in single precision, and adds nothing to 1 in double
_LARGEST_NOISE = 30.0  # Gumbel noise is farther from 0 once in 1e13 draws


def gumbel_like(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Gumbel noise, by torch's generator.

    >>> gumbel_like(torch.zeros(2, 3)).shape
    torch.Size([2, 3])
    """
    return -torch.empty_like(x).exponential_().clamp_min(torch.finfo(x.dtype).tiny).log()


def gradient_penalty(
    judge: Judge,
    real: Float[Tensor, "batch columns"],
    fake: Float[Tensor, "batch columns"],
    *,
    entry: Float[Tensor, "columns items"] | None = None,
) -> Float[Tensor, ""]:
    r"""Keeps the slope of a judge near 1 on rows between real and fake ones, drawn at random.

    Gulrajani et al., "Improved Training of Wasserstein GANs", NeurIPS 2017, https://arxiv.org/abs/1704.00028.

    .. math:: \operatorname{mean} (\|\nabla_{\hat{\mathbf a}} D(\hat{\mathbf a})\|_2 - 1)^2, \qquad
              \hat{\mathbf a} = \epsilon\, \mathbf a_{real} + (1 - \epsilon)\, \mathbf a_{fake}

    What an affine map makes of :math:`\hat{\mathbf a}` lies between what it makes of the two rows: of a judge that
    begins with one, the rest can be given, with rows that the map was applied to, and the map's matrix.

    Args:
        judge: gives one number for each row.
        real: rows of one kind; those that are not to learn are given without gradients.
        fake: as many of the other.
        entry: matrix of the affine map that rows went through; None: these are the rows themselves.

    Example:
        >>> gradient_penalty(lambda rows: 3 * rows.sum(-1), torch.ones(2, 1), torch.zeros(2, 1))
        tensor(4.)
    """
    share = torch.rand(real.size(0), 1, dtype=real.dtype, device=real.device)
    between = (share * real + (1 - share) * fake).requires_grad_()
    (slope,) = torch.autograd.grad(judge(between).sum(), between, create_graph=True)
    return (_lengths_through(slope, entry) - 1).square().mean()


def _lengths_through(slope: Tensor, entry: Tensor | None) -> Tensor:
    """Lengths of rows times a matrix; of many rows by the products of its own rows, as ``s (W W^T) s^T``."""
    if entry is None:
        return slope.norm(dim=1)
    if slope.size(0) <= entry.size(0):
        return (slope @ entry).norm(dim=1)
    squares = (slope @ (entry @ entry.T) * slope).sum(-1)
    return squares.clamp_min(torch.finfo(slope.dtype).tiny).sqrt()


class _Game(LossTerm):
    """What both sides need: the rows of the batch's users, each user once."""

    def __init__(self, of: str, *, weight: float | None, interactions: str) -> None:
        super().__init__(weight=weight)
        self.of = of
        self.interactions = interactions

    def _interactions(self, encoding: Encoding, users: Tensor) -> Tensor:
        return interactions_of(encoding, self.interactions, users).coalesce()

    def _fake(self, encoding: Encoding, users: Tensor, seen: Tensor) -> list[FactoredRows]:
        views = find_views(encoding, self.of)
        return [_similarity(name, view, users, seen) for name, view in views.items()]


def _similarity(name: str, view: BySide, users: Tensor, seen: Tensor) -> FactoredRows:
    user = side_of(view, name=name, side="user")
    item = side_of(view, name=name, side="item")
    return unseen_similarity(take(user, users), item, seen)


def _enter(critic: Judge, rows: list[FactoredRows]) -> Tensor:
    """Rows below each other; what the critic's affine step makes of them, if it has that apart."""
    if hasattr(critic, "enter"):
        entered: Tensor = critic.enter(rows)
        return entered
    return torch.cat([each.dense() for each in rows])


class Critic(_Game):
    r"""The critic's part: rows of behaviour should be judged higher than rows of similarity in a modality.

    Wei et al., "Multi-Modal Self-Supervised Learning for Recommendation" (MMSSL), WWW 2023,
    https://arxiv.org/abs/2302.10632. Minimised by the parameter group "critic"; nothing else learns from it.

    .. math::
        \mathcal L = \operatorname{mean} D(\mathbf a^m) - \operatorname{mean} D(\tilde{\mathbf a}) + \lambda\,
            \mathrm{GP}, \qquad
        \tilde{\mathbf a}_u = \mathrm{norm}\Big(\operatorname{softmax}\frac{\mathbf R_u + \nu \mathbf g}{\tau} + \zeta\,
            \mathbf a_u^{final}\Big)

    over the batch's users, with :math:`\mathbf a` of :func:`mmgraph.losses.factored.unseen_similarity`, interactions R,
    Gumbel noise g and :func:`gradient_penalty` GP. At a temperature as low as the default the softmax leaves nothing to
    items without interaction: it is taken over the others then, and no row over all items is made.

    Args:
        of: pattern of the modalities' views, users and items.
        weight: factor of the term; 0 or None: not computed.
        behaviour: view of the vectors whose similarity is added to the behaviour.
        interactions: view of the users' interactions, a sparse tensor ``(U, I)``.
        tau: temperature, above 0.
        noise: :math:`\nu`, scale of the noise.
        similarity: :math:`\zeta`, scale of the added similarity.
        penalty: :math:`\lambda`.

    Raises:
        ValueError: if a setting is out of range.
        KeyError: at the first step, if the model has no critic, no view matches, or one lacks a side.

    Example:
        >>> Critic("modal.*", penalty=0.3).group
        'critic'
    """

    group = "critic"

    def __init__(
        self,
        of: str,
        *,
        weight: float | None = 1.0,
        behaviour: str = "final",
        interactions: str = "interactions",
        tau: float = 0.005,
        noise: float = 1e-5,
        similarity: float = 100.0,
        penalty: float = 0.3,
    ) -> None:
        super().__init__(of, weight=weight, interactions=interactions)
        if not tau > 0:
            raise ValueError(f"tau={tau} must be above 0")
        self.behaviour = behaviour
        self.tau = tau
        self.noise = noise
        self.similarity = similarity
        self.penalty = penalty
        self.unseen_vanish = (1 - _LARGEST_NOISE * noise) / tau > _VANISHING

    @torch.no_grad()
    def rows(self, encoding: Encoding, users: Tensor) -> tuple[Tensor | FactoredRows, list[FactoredRows]]:
        """Real rows of users, and the fake ones of each modality, neither with gradients."""
        interactions = self._interactions(encoding, users)
        seen = interactions.indices().flip(0)
        final = find_views(encoding, self.behaviour)[self.behaviour]
        similar = _similarity(self.behaviour, final, users, seen)
        fake = [rows.detach() for rows in self._fake(encoding, users, seen)]
        if self.unseen_vanish:
            weight = softmax(self._logits(interactions.values()), seen[1], num_nodes=users.numel())
            return fill_seen(similar, weight, scale=self.similarity), fake
        weight = torch.softmax(self._logits(interactions.to_dense()), dim=-1)
        return F.normalize(weight + self.similarity * similar.dense(), dim=-1), fake

    def _logits(self, interactions: Tensor) -> Tensor:
        return (interactions + self.noise * gumbel_like(interactions)) / self.tau

    def forward(self, model: PairScorer, encoding: Encoding, batch: Triplets) -> Tensor:
        """Loss of the batch's users."""
        critic: Judge = model_part(model, "critic", encoding)
        real_rows, fake_rows = self.rows(encoding, batch.user.unique())
        affine = getattr(critic, "affine", nn.Identity())
        judge = getattr(critic, "judge", critic)
        fake = _enter(critic, fake_rows)
        real = affine(real_rows) if isinstance(real_rows, Tensor) else _enter(critic, [real_rows])
        real = real.repeat(len(fake_rows), 1)
        value = judge(fake).mean() - judge(real).mean()
        entry = getattr(affine, "weight", None)
        return value + self.penalty * gradient_penalty(judge, real, fake, entry=entry)


class Adversary(_Game):
    r"""The modalities' part: their rows should be judged high.

    .. math:: \mathcal L = -\operatorname{mean} D(\mathbf a^m)

    See :class:`Critic`. The critic is not moved by it: it is in another parameter group.

    Args:
        of: pattern of the modalities' views, users and items.
        weight: factor of the term; 0 or None: not computed.
        interactions: view of the users' interactions, a sparse tensor ``(U, I)``.

    Raises:
        KeyError: at the first step, if the model has no critic, no view matches, or one lacks a side.

    Example:
        >>> Adversary("modal.*", weight=1e-4).group
        'main'
    """

    def __init__(self, of: str, *, weight: float | None = 1.0, interactions: str = "interactions") -> None:
        super().__init__(of, weight=weight, interactions=interactions)

    def forward(self, model: PairScorer, encoding: Encoding, batch: Triplets) -> Tensor:
        """Loss of the batch's users."""
        critic: Judge = model_part(model, "critic", encoding)
        users = batch.user.unique()
        seen = self._interactions(encoding, users).indices().flip(0)
        fake = _enter(critic, self._fake(encoding, users, seen))
        return -getattr(critic, "judge", critic)(fake).mean()
