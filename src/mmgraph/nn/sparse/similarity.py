"""How much the neighbours of a node resemble each other: work per wedge, memory per edge."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from mmgraph.nn.sparse.spmm import CSR, TensorCache, csr_matmul

_EDGES_AT_ONCE = 4096
_WEDGES_AT_ONCE = 1 << 21


class _Plan(NamedTuple):
    """Targets in groups of equal degree, so that each group is a batched product without padding.

    ``blocks`` hold sources ``(targets, degree)``. Read one after the other they are the edges in another order, the
    slots: ``slot_of_edge`` (E,) leads there, ``by_source`` has the slots of each source. ``degree`` (E,) is of the
    edge's target.
    """

    blocks: list[Tensor]
    slot_of_edge: Tensor
    by_source: CSR
    degree: Tensor


_plans = TensorCache()


def _plan(edge_index: Tensor, num_sources: int, num_targets: int) -> _Plan:
    source, target = edge_index
    degree = torch.bincount(target, minlength=num_targets).index_select(0, target)
    # By degree of the target, then by target: groups of equal degree, with whole targets in each.
    edge_of_slot = torch.argsort(degree * num_targets + target, stable=True)
    slot = source.index_select(0, edge_of_slot)
    sizes, counts = torch.unique(degree, return_counts=True)
    blocks = [
        block
        for size, group in zip(sizes.tolist(), slot.split(counts.tolist()), strict=True)
        for block in group.view(-1, size).split(max(1, min(_EDGES_AT_ONCE, _WEDGES_AT_ONCE // size) // size))
    ]
    by_source = CSR.of(slot, torch.arange(slot.numel(), device=slot.device), (num_sources, slot.numel()))
    return _Plan(blocks, torch.argsort(edge_of_slot), by_source, degree)


def _plan_of(edge_index: Tensor, num_sources: int, num_targets: int) -> _Plan:
    return _plans(lambda: _plan(edge_index, num_sources, num_targets), (edge_index,), num_sources, num_targets)


def _similarities(z: Tensor, *, include_self: bool) -> Iterator[tuple[slice, Tensor]]:
    """ReLU of all products of a block's unit vectors ``(T, n, D)``, in slices of rows that bound the memory."""
    num_targets, n, _ = z.shape
    step = max(1, _WEDGES_AT_ONCE // (num_targets * n))
    for start in range(0, n, step):
        rows = slice(start, start + step)
        similarity = torch.bmm(z[:, rows], z.transpose(1, 2)).relu_()
        if not include_self:
            similarity.diagonal(offset=start, dim1=1, dim2=2).zero_()
        yield rows, similarity


def _sums(z: Tensor, plan: _Plan, include_self: bool) -> Tensor:
    """Sum over j of ReLU(z_i . z_j) for every slot i."""
    sums = []
    for block in plan.blocks:
        vectors = z.index_select(0, block.flatten()).view(*block.shape, -1)
        parts = [part.sum(-1) for _, part in _similarities(vectors, include_self=include_self)]
        sums.append(torch.cat(parts, dim=1).flatten())
    return torch.cat(sums)


def _sums_backward(grad: Tensor, z: Tensor, plan: _Plan, include_self: bool) -> Tensor:
    """Gradient of ``z``; the products are made again, not kept."""
    slot_grad = z.new_empty(grad.numel(), z.size(1))
    start = 0
    for block in plan.blocks:
        stop = start + block.numel()
        vectors = z.index_select(0, block.flatten()).view(*block.shape, -1)
        g = grad[start:stop].view_as(block)
        out = slot_grad[start:stop].view_as(vectors)
        for rows, part in _similarities(vectors, include_self=include_self):
            both = part.sign_().mul_(g[:, rows].unsqueeze(2) + g.unsqueeze(1))
            torch.bmm(both, vectors, out=out[:, rows])
        start = stop
    return csr_matmul(plan.by_source.matrix(torch.ones_like(grad), grad.numel()), slot_grad)


class _SimilaritySum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, z: Tensor, plan: _Plan, include_self: bool) -> Tensor:
        ctx.save_for_backward(z)
        ctx.plan = plan
        ctx.include_self = include_self
        return _sums(z, plan, include_self)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        (z,) = ctx.saved_tensors
        return _sums_backward(grad, z, ctx.plan, ctx.include_self), None, None


def similarity_coefficients(
    x: Float[Tensor, "sources dim"],
    edge_index: Int[Tensor, "2 edges"],
    num_targets: int,
    *,
    include_self: bool = True,
) -> Float[Tensor, " edges"]:
    r"""How much each neighbour i of a node u resembles all of its neighbours (NSMAR+, Eq. 3-4).

    .. math:: \alpha_{u,i} = \frac{1}{|N_u|} \sum_{j \in N_u} \mathrm{ReLU}(r(\mathbf x_i, \mathbf x_j)), \qquad
              r(\mathbf a, \mathbf b) = \frac{(\mathbf a - \bar a \mathbf 1)^\top (\mathbf b - \bar b \mathbf 1)}
              {\|\mathbf a - \bar a \mathbf 1\| \|\mathbf b - \bar b \mathbf 1\|}\ \text{(Pearson)}

    Args:
        x: vectors of the sources; one whose entries are all equal resembles nothing.
        edge_index: sources i over targets u, each pair at most once.
        num_targets: number of targets.
        include_self: whether j = i counts, as printed (r = 1); else the mean is over the other neighbours.

    Returns:
        One coefficient per edge, in the order of ``edge_index``.

    Example:
        >>> x = torch.tensor([[1.0, -1.0], [2.0, -2.0], [-1.0, 1.0]])
        >>> similarity_coefficients(x, torch.tensor([[0, 1, 2], [0, 0, 0]]), 1)
        tensor([0.6667, 0.6667, 0.3333])
    """
    if edge_index.size(1) == 0:
        return x.new_zeros(0)
    with torch.autocast(x.device.type, enabled=False):
        z = F.normalize(x - x.mean(dim=-1, keepdim=True), dim=-1)
        if torch.compiler.is_compiling():
            sums = _traced_sums(z, edge_index, num_targets, include_self)
            degree = _traced_degree(edge_index, num_targets)
        else:
            plan = _plan_of(edge_index, x.size(0), num_targets)
            sums = _SimilaritySum.apply(z, plan, include_self).index_select(0, plan.slot_of_edge)
            degree = plan.degree
    return sums / (degree - (0 if include_self else 1)).clamp(min=1)


# A plan's shapes depend on what is in edge_index, which a compiler does not know: it gets the sums as one operation.
@torch.library.custom_op("mmgraph::similarity_sums", mutates_args=())
def _traced_sums(z: Tensor, edge_index: Tensor, num_targets: int, include_self: bool) -> Tensor:
    plan = _plan_of(edge_index, z.size(0), num_targets)
    return _sums(z, plan, include_self).index_select(0, plan.slot_of_edge)


@torch.library.custom_op("mmgraph::similarity_sums_backward", mutates_args=())
def _traced_backward(grad: Tensor, z: Tensor, edge_index: Tensor, num_targets: int, include_self: bool) -> Tensor:
    plan = _plan_of(edge_index, z.size(0), num_targets)
    of_slots = torch.empty_like(grad).index_copy_(0, plan.slot_of_edge, grad)
    return _sums_backward(of_slots, z, plan, include_self)


@_traced_sums.register_fake
def _(z: Tensor, edge_index: Tensor, num_targets: int, include_self: bool) -> Tensor:
    return z.new_empty(edge_index.size(1))


@_traced_backward.register_fake
def _(grad: Tensor, z: Tensor, edge_index: Tensor, num_targets: int, include_self: bool) -> Tensor:
    return torch.empty_like(z)


def _keep(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    z, edge_index, *ctx.options = inputs
    ctx.save_for_backward(z, edge_index)


def _of_kept(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
    return _traced_backward(grad.contiguous(), *ctx.saved_tensors, *ctx.options), None, None, None


_traced_sums.register_autograd(_of_kept, setup_context=_keep)


def _traced_degree(edge_index: Tensor, num_targets: int) -> Tensor:
    target = edge_index[1]
    return target.new_zeros(num_targets).index_add(0, target, torch.ones_like(target)).index_select(0, target)
