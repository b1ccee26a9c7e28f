"""Exact InfoNCE over very many candidates, one block of anchors at a time."""

from typing import Any, NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from mmgraph.losses.products import add_product_, product

# Measured on one core with 2 MiB of second-level cache, forward and backward: of 2,048 x 19,445 in 4 dimensions, blocks
# of 32 to 64 rows (2 to 5 MiB) take 88 to 94 ms and blocks of 215 rows (16 MiB) 120; in 64 dimensions 48 to 128 rows
# take the same, fewer rows more. A GPU wants fewer and larger kernels.
_BLOCK_BYTES_CPU = 5 * 2**20
_BLOCK_BYTES_GPU = 64 * 2**20
_MIN_ROWS = 64
_MIN_THIN_ROWS = 24
# exp(60) summed over a million candidates is far from float32's largest number.
_SAFE_LOGIT = 60.0
# Singular values below this share of all are rounding errors of float32.
_RANK_TOLERANCE = 1e-6


def streaming_info_nce(
    anchor: Float[Tensor, "anchors dim"],
    positive: Float[Tensor, "anchors dim"],
    candidates: Float[Tensor, "candidates dim"],
    *,
    tau: float,
    outside: Bool[Tensor, "anchors"] | None = None,
    count: Int[Tensor, "anchors"] | None = None,
    repeats: Int[Tensor, "candidates"] | None = None,
    exclude: Int[Tensor, "anchors"] | None = None,
    max_logit: float | None = None,
    products: torch.dtype | None = None,
    block_rows: int | None = None,
) -> Float[Tensor, ""]:
    r"""InfoNCE summed over anchors, exact, in memory that grows with candidates x block.

    The result is one number, so the gradient is known up to a factor when the number is: each block of similarities
    is made once, turned into its share of loss and gradients, and overwritten. Where the vectors span few dimensions
    (LGMRec's and MGNM's come from a handful of hyperedges) the products are taken in those: the same numbers, faster.

    .. math::
        \mathcal L = \sum_a n_a \left( \log \sum_b m_b \exp(x_a \cdot y_b / \tau) - x_a \cdot y_a / \tau \right)

    Args:
        anchor: vectors :math:`x_a`, used as they are (L2-normalise them for cosines).
        positive: the vector :math:`y_a` that belongs to each anchor.
        candidates: vectors :math:`y_b`, the positives among them unless they are ``outside``.
        tau: temperature, above 0.
        outside: anchors whose own positive is not among the candidates: it joins their sum. None: no such anchor.
        count: how often each anchor counts, :math:`n_a`; None: once.
        repeats: how often each candidate is there, :math:`m_b`; None: once.
        exclude: the candidate that is none for this anchor (itself, where anchors are candidates too), by its position.
        max_logit: what no :math:`|x \cdot y| / \tau` exceeds, such as :math:`1 / \tau` for unit vectors; where that is
            small, the largest similarity need not be looked for. None: unknown.
        products: type that similarities and their products are taken in; sums over them, the anchors' own similarities
            and gradients stay what they are. ``torch.bfloat16`` takes half of the time on processors that have it
            (AVX512-BF16, AMX; GPUs), and changes the loss by about 1e-5 of it and gradients by 2e-4 of their length.
            None: that of the vectors.
        block_rows: anchors in a block; as many as fit a cache-sized buffer if None.

    Shapes:
        anchor, positive ``(A, d)``, candidates ``(C, d)``, outside, count, exclude ``(A,)``, repeats ``(C,)`` -> scalar

    Raises:
        RuntimeError: in a backward pass with ``create_graph=True``.
        ValueError: if ``tau`` or ``block_rows`` is not positive, or there is no candidate.

    Example:
        >>> x = torch.eye(2)
        >>> streaming_info_nce(x, x, x, tau=1.0)
        tensor(0.6265)
    """
    if not tau > 0:
        raise ValueError(f"tau={tau} must be above 0")
    if block_rows is not None and block_rows < 1:
        raise ValueError(f"block_rows={block_rows} must be at least 1")
    if candidates.size(0) == 0:
        raise ValueError("candidates is empty; InfoNCE needs at least one row to choose from")
    dtype = torch.promote_types(anchor.dtype, torch.float32)
    a = anchor.to(dtype)
    p = positive.to(dtype)
    c = candidates.to(dtype)
    safe = max_logit is not None and max_logit <= _SAFE_LOGIT
    often = None if repeats is None else repeats.to(dtype)
    with_grad = torch.is_grad_enabled()
    settings = _Settings(tau, block_rows, safe, with_grad, outside, count, often, exclude, products or dtype)
    with torch.autocast(a.device.type, enabled=False):
        value: Tensor = _StreamingInfoNCE.apply(a, p, c, settings)
    return value


class _Settings(NamedTuple):
    tau: float
    rows: int | None
    safe: bool
    with_grad: bool
    outside: Tensor | None
    times: Tensor | None
    repeats: Tensor | None
    exclude: Tensor | None
    products: torch.dtype


def _rows_that_fit(candidates: Tensor, *, thin: bool) -> int:
    budget = _BLOCK_BYTES_CPU if candidates.device.type == "cpu" else _BLOCK_BYTES_GPU
    fewest = _MIN_THIN_ROWS if thin else _MIN_ROWS
    return max(fewest, budget // max(1, candidates.size(0) * candidates.element_size()))


class _Subspace(NamedTuple):
    """Vectors ``(n, d)`` as coordinates ``(n, r)`` on an orthonormal basis ``(d, r)`` of what they span."""

    coordinates: Tensor
    basis: Tensor | None

    def out(self, coordinates: Tensor) -> Tensor:
        return coordinates if self.basis is None else coordinates @ self.basis.T


def _subspaces(a: Tensor, c: Tensor) -> tuple[_Subspace, _Subspace]:
    """Subspaces where both are small; whole spaces otherwise, and on devices that would have to wait for the ranks."""
    whole = _Subspace(a, None), _Subspace(c, None)
    dim = a.size(1)
    if a.device.type != "cpu" or min(a.size(0), c.size(0)) < 4 * dim:
        return whole
    found = []
    for x in (a, c):  # the anchors, which are fewer, first
        basis = _basis(x)
        if basis.size(1) > dim // 4:
            return whole
        found.append(_Subspace(_along_columns(x @ basis), basis))
    return found[0], found[1]


def _along_columns(x: Tensor) -> Tensor:
    """The same numbers, each column in one piece: products with a block then run along long rows.

    Forward and backward of 2,048 x 19,445 with 4 coordinates, one core: 122 ms in place of 273; with 64 there is
    nothing to gain.
    """
    return x.t().contiguous().t()


def _basis(x: Tensor) -> Tensor:
    """Orthonormal basis of the rows' span; a row that is far smaller than the others counts as zero."""
    values, vectors = torch.linalg.eigh(x.double().T @ x.double())
    return vectors[:, values > _RANK_TOLERANCE**2 * values[-1]].to(x.dtype)


class _StreamingInfoNCE(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, a: Tensor, p: Tensor, c: Tensor, settings: _Settings) -> Tensor:
        tau, block_rows, safe, with_grad, outside, count, repeats, exclude, products = settings
        need_a, need_p, need_c = (with_grad and need for need in ctx.needs_input_grad[:3])
        of_a, of_c = _subspaces(a, c)
        thin = of_a.basis is not None
        rows = min(block_rows or _rows_that_fit(c, thin=thin), max(a.size(0), 1))
        turn = None if of_a.basis is None or of_c.basis is None else of_a.basis.T @ of_c.basis
        grad_a, grad_p = (torch.zeros_like(x) if need else None for x, need in ((a, need_a), (p, need_p)))
        grad_c = c.new_zeros(of_a.coordinates.size(1), c.size(0)).t() if need_c else None
        losses = a.new_empty(a.size(0))
        columns = of_c.coordinates.to(products)
        weighted = columns if repeats is None else (of_c.coordinates * repeats.unsqueeze(1)).to(products)
        buffer = columns.new_empty(rows, c.size(0))
        for start in range(0, a.size(0), rows):
            part = slice(start, start + rows)
            x = a[part] / tau
            y = p[part]
            small = of_a.coordinates[part] / tau
            turned = small if turn is None else small @ turn
            logits = product(turned.to(products), columns, out=buffer[: x.size(0)])
            if exclude is not None:
                logits.scatter_(1, exclude[part, None], -torch.inf)
            own = (x * y).sum(-1, keepdim=True)
            absent = None if outside is None else outside[part]
            scale, pull, losses[part] = _softmax_(logits, own, absent, repeats, safe)
            if count is not None:
                losses[part] *= count[part]
                scale = scale * count[part, None]
                pull = pull * count[part, None]
            if grad_a is not None:
                torch.mul(of_c.out(product(logits, weighted.t()).to(a.dtype)), scale / tau, out=grad_a[part]).addcmul_(
                    pull / tau, y
                )
            if grad_p is not None:
                torch.mul(pull, x, out=grad_p[part])
            if grad_c is not None:
                add_product_(grad_c, logits.t(), small * scale)
        if grad_c is not None and repeats is not None:
            grad_c = grad_c * repeats.unsqueeze(1)
        ctx.save_for_backward(grad_a, grad_p, None if grad_c is None else of_a.out(grad_c).contiguous())
        return losses.sum()

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:
        # once_differentiable would let it pass in silence: the factor from above seldom requires a gradient itself.
        if torch.is_grad_enabled():
            raise RuntimeError("streaming_info_nce has no second derivative; use info_nce where create_graph is needed")
        grads = (grad if grad is None else grad * upstream for grad in ctx.saved_tensors)
        return (*grads, None)


def _softmax_(
    logits: Tensor, own: Tensor, outside: Tensor | None, repeats: Tensor | None, safe: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Softmax of one block in place, left unscaled so that scaling costs (rows, dim) and not (rows, candidates).

    Returns the scale of the masses ``(rows, 1)``, the derivative of each loss by its own similarity beyond the masses
    ``(rows, 1)``, and the losses ``(rows,)``.
    """
    top = torch.zeros_like(own) if safe else logits.amax(-1, keepdim=True).to(own.dtype)
    if outside is not None and not safe:
        top = torch.maximum(top, own)
    mass = (logits if safe else logits.sub_(top)).exp_()
    if repeats is None:
        total = mass.sum(-1, keepdim=True, dtype=own.dtype)
    else:
        total = mass.to(own.dtype) @ repeats.unsqueeze(1)
    pull = -torch.ones_like(own)
    if outside is not None:
        own_mass = (own - top).exp() * outside.unsqueeze(-1)
        total = total + own_mass
        pull += own_mass / total
    return total.reciprocal(), pull, (top + total.log() - own).squeeze(-1)
