"""An adversarial game: a critic separates behaviour from what modalities predict, and these learn to pass (MMSSL)."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from mmgraph.losses.base import LossTerm, PairScorer
from mmgraph.losses.functional import full_precision
from mmgraph.losses.views import BySide, find_views, interaction_rows, model_part, side_of, take
from mmgraph.typing import Encoding, Triplets

Judge = Callable[[Tensor], Tensor]
"""Of rows over all items, ``(B, I) -> (B,)``: what these terms ask of a model, as its ``critic``.

One whose first step is affine may have it apart, as :class:`mmgraph.nn.RowCritic` has: ``enter`` is that step,
``entry`` its matrix, ``judge`` what follows. Then no row enters twice.
"""


def unseen_similarity(
    user: Float[Tensor, "batch dim"], item: Float[Tensor, "items dim"], seen: Float[Tensor, "batch items"]
) -> Float[Tensor, "batch items"]:
    """Inner products of users with all items, 0 where they interacted; rows at length 1.

    >>> unseen_similarity(torch.ones(1, 1), torch.tensor([[3.0], [4.0], [9.0]]), torch.tensor([[0.0, 0.0, 1.0]]))
    tensor([[0.6000, 0.8000, 0.0000]])
    """
    return F.normalize(full_precision(user) @ full_precision(item).T * (1 - seen), dim=-1)


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
    if entry is not None:
        slope = slope @ entry
    return (slope.norm(dim=1) - 1).square().mean()


class _Game(LossTerm):
    """What both sides need: the rows of the batch's users, each user once."""

    def __init__(self, of: str, *, weight: float | None, interactions: str) -> None:
        super().__init__(weight=weight)
        self.of = of
        self.interactions = interactions

    def _fake(self, encoding: Encoding, users: Tensor, seen: Tensor) -> list[Tensor]:
        return [_rows(name, view, users, seen) for name, view in find_views(encoding, self.of).items()]


def _rows(name: str, view: BySide, users: Tensor, seen: Tensor) -> Tensor:
    user = side_of(view, name=name, side="user")
    item = side_of(view, name=name, side="item")
    return unseen_similarity(take(user, users), item, seen)


class Critic(_Game):
    r"""The critic's part: rows of behaviour should be judged higher than rows of similarity in a modality.

    Wei et al., "Multi-Modal Self-Supervised Learning for Recommendation" (MMSSL), WWW 2023,
    https://arxiv.org/abs/2302.10632. Minimised by the parameter group "critic"; nothing else learns from it.

    .. math::
        \mathcal L = \operatorname{mean} D(\mathbf a^m) - \operatorname{mean} D(\tilde{\mathbf a}) + \lambda\,
            \mathrm{GP}, \qquad
        \tilde{\mathbf a}_u = \mathrm{norm}\Big(\operatorname{softmax}\frac{\mathbf R_u + \nu \mathbf g}{\tau} + \zeta\,
            \mathbf a_u^{final}\Big)

    over the batch's users, with :math:`\mathbf a` of :func:`unseen_similarity`, interactions R, Gumbel noise g and
    :func:`gradient_penalty` GP.

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

    @torch.no_grad()
    def rows(self, encoding: Encoding, users: Tensor) -> tuple[Tensor, Tensor]:
        """Real rows of users, and fake ones: those of each modality below each other."""
        seen = interaction_rows(encoding, self.interactions, users)
        fake = self._fake(encoding, users, seen)
        logits = (seen + self.noise * gumbel_like(seen)) / self.tau
        final = find_views(encoding, self.behaviour)[self.behaviour]
        similar = _rows(self.behaviour, final, users, seen)
        real = F.normalize(torch.softmax(logits, dim=-1) + self.similarity * similar, dim=-1)
        return real, torch.cat(fake)

    def forward(self, model: PairScorer, encoding: Encoding, batch: Triplets) -> Tensor:
        """Loss of the batch's users."""
        critic: Judge = model_part(model, "critic", encoding)
        real, fake = self.rows(encoding, batch.user.unique())
        enter, judge = getattr(critic, "enter", nn.Identity()), getattr(critic, "judge", critic)
        fake = enter(fake)
        real = enter(real).repeat(fake.size(0) // real.size(0), 1)
        value = judge(fake).mean() - judge(real).mean()
        return value + self.penalty * gradient_penalty(judge, real, fake, entry=getattr(critic, "entry", None))


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
        seen = interaction_rows(encoding, self.interactions, users)
        return -critic(torch.cat(self._fake(encoding, users, seen))).mean()
