"""Losses as pure functions of tensors; the loss terms are thin shells over them."""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

REDUCTIONS = ("mean", "sum")


def check_choice(value: object, *, name: str, allowed: Sequence[object]) -> None:
    """Refuses a setting that is none of the known ones.

    Args:
        value: what was given.
        name: the argument's name, for the message.
        allowed: what may be given.

    Raises:
        ValueError: if ``value`` is not in ``allowed``.

    Example:
        >>> check_choice("mean", name="reduction", allowed=REDUCTIONS)
    """
    if value not in allowed:
        raise ValueError(f"{name}={value!r} is not known; choose one of {', '.join(map(repr, allowed))}")


def check_base(base: float | None) -> None:
    """Refuses a base of logarithms that is not above 1; None stands for the natural one.

    Raises:
        ValueError: if ``base`` is a number not above 1.

    Example:
        >>> check_base(2)
    """
    if base is not None and not base > 1:
        raise ValueError(f"base={base} must be above 1 (None means the natural logarithm)")


def full_precision(x: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """Turns half-precision tensors into float32 and leaves the others alone: losses are computed in full precision.

    Example:
        >>> full_precision(torch.ones(2, dtype=torch.bfloat16)).dtype
        torch.float32
    """
    return x.to(torch.promote_types(x.dtype, torch.float32))


def bpr(
    pos: Float[Tensor, "batch"],
    neg: Float[Tensor, "batch *negatives"],
    *,
    base: float | None = None,
    reduction: str = "mean",
) -> Float[Tensor, ""]:
    r"""Bayesian personalised ranking: a chosen item should score above one that was not.

    Rendle et al., "BPR: Bayesian Personalized Ranking from Implicit Feedback", UAI 2009,
    https://arxiv.org/abs/1205.2618. RedND's official code takes the logarithm to base 2 (its Eq. 12).

    .. math:: \mathcal L = -\log \sigma(\hat y_{ui} - \hat y_{uj})

    Args:
        pos: scores of the chosen items.
        neg: scores of the items that were not chosen, one or n for each chosen one.
        base: base of the logarithm, above 1; the natural one if None.
        reduction: "mean" or "sum" over all differences.

    Shapes:
        pos ``(B,)``, neg ``(B,)`` or ``(B, n)`` -> scalar

    Raises:
        ValueError: if ``base`` is not above 1 or ``reduction`` is not known.

    Example:
        >>> bpr(torch.tensor([1.0]), torch.tensor([1.0]), base=2)
        tensor(1.)
    """
    check_choice(reduction, name="reduction", allowed=REDUCTIONS)
    check_base(base)
    pos = full_precision(pos)
    neg = full_precision(neg)
    values = F.softplus(neg - pos.view(-1, *[1] * (neg.dim() - 1)))
    value = values.mean() if reduction == "mean" else values.sum()
    return value if base is None else value / math.log(base)


def binary_cross_entropy(
    pos: Float[Tensor, "batch"], neg: Float[Tensor, "batch *negatives"], *, reduction: str = "mean"
) -> Float[Tensor, ""]:
    r"""Cross-entropy of each pair on its own: was it chosen?

    .. math:: \mathcal L = -\sum_{ui} \log \sigma(\hat y_{ui}) - \sum_{uj} \log (1 - \sigma(\hat y_{uj}))

    Args:
        pos: scores of the chosen items.
        neg: scores of the items that were not chosen, one or n for each chosen one.
        reduction: "mean" or "sum" over all pairs, chosen or not.

    Shapes:
        pos ``(B,)``, neg ``(B,)`` or ``(B, n)`` -> scalar

    Raises:
        ValueError: if ``reduction`` is not known.

    Example:
        >>> binary_cross_entropy(torch.tensor([0.0]), torch.tensor([0.0]))
        tensor(0.6931)
    """
    check_choice(reduction, name="reduction", allowed=REDUCTIONS)
    values = torch.cat([F.softplus(-full_precision(pos)), F.softplus(full_precision(neg)).flatten()])
    return values.mean() if reduction == "mean" else values.sum()


def l2(tensors: Sequence[Float[Tensor, "..."]], *, squared: bool = True, reduction: str = "sum") -> Float[Tensor, ""]:
    r"""Size of some tensors, added up: squared Frobenius norms, or the norms themselves.

    .. math:: \sum_t \|X_t\|_F^2 \quad\text{or}\quad \sum_t \|X_t\|_F

    Args:
        tensors: the tensors.
        squared: whether each norm is squared. The gradient of a norm that is not squared is undefined at zero; here it
            is zero.
        reduction: "sum", or "mean": each tensor's value is divided by its number of elements.

    Returns:
        A scalar.

    Raises:
        ValueError: if ``tensors`` is empty or ``reduction`` is not known.

    Example:
        >>> l2([torch.tensor([[3.0, 4.0]]), torch.tensor([[1.0]])])
        tensor(26.)
        >>> l2([torch.tensor([[3.0, 4.0]]), torch.tensor([[1.0]])], squared=False)
        tensor(6.)
    """
    check_choice(reduction, name="reduction", allowed=REDUCTIONS)
    if not tensors:
        raise ValueError("l2 needs at least one tensor, got none")
    values = []
    for x in map(full_precision, tensors):
        value = x.square().sum() if squared else torch.linalg.vector_norm(x)
        values.append(value / x.numel() if reduction == "mean" else value)
    return torch.stack(values).sum()


def info_nce(
    anchor: Float[Tensor, "anchors dim"],
    positive: Float[Tensor, "anchors dim"],
    *,
    tau: float,
    candidates: Float[Tensor, "candidates dim"] | None = None,
    reduction: str = "mean",
) -> Float[Tensor, ""]:
    r"""Picks each anchor's positive out of the candidates by cosine (InfoNCE), with every similarity held at once.

    van den Oord et al., "Representation Learning with Contrastive Predictive Coding", 2018,
    https://arxiv.org/abs/1807.03748. :func:`mmgraph.losses.streaming_info_nce` gives the same number in little memory.

    .. math:: \mathcal L_a = -\log \frac{\exp(\cos(x_a, y_a) / \tau)}{\sum_{b} \exp(\cos(x_a, y_b) / \tau)}

    Args:
        anchor: vectors :math:`x_a`.
        positive: the vector :math:`y_a` that belongs to each of them.
        tau: temperature, above 0.
        candidates: vectors :math:`y_b`, the positives among them; all the positives if None.
        reduction: "mean" or "sum" over anchors.

    Shapes:
        anchor and positive ``(A, d)``, candidates ``(C, d)`` -> scalar

    Raises:
        ValueError: if ``reduction`` is not known.

    Example:
        >>> x = torch.eye(2)
        >>> info_nce(x, x, tau=1.0)
        tensor(0.3133)
    """
    check_choice(reduction, name="reduction", allowed=REDUCTIONS)
    a = F.normalize(full_precision(anchor), dim=-1)
    p = F.normalize(full_precision(positive), dim=-1)
    c = p if candidates is None else F.normalize(full_precision(candidates), dim=-1)
    losses = torch.logsumexp(a @ c.T / tau, dim=-1) - (a * p).sum(-1) / tau
    return losses.mean() if reduction == "mean" else losses.sum()
