"""NSMAR+'s propagation: a neighbour counts by how much it resembles the other neighbours of the same node."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor
from torch_geometric.nn import MessagePassing
from torch_geometric.utils import degree as count_edges

from mmgraph.nn.spmm import TensorCache
from mmgraph.nn.weighted_spmm import csr_by, weighted_spmm

_EDGES_AT_ONCE = 4096
_WEDGES_AT_ONCE = 1 << 21


class _Plan(NamedTuple):
    """Targets in groups of equal degree, so that each group is a batched product without padding.

    ``blocks`` are sources ``(targets, degree)``; read one after the other they are the edges in the order ``slots``
    (``edge_of_slot``, and back: ``slot_of_edge``). ``others`` is the degree of each slot's target.
    """

    blocks: list[Tensor]
    edge_of_slot: Tensor
    slot_of_edge: Tensor
    slots: Tensor
    others: Tensor


_plans = TensorCache()


def _plan(edge_index: Tensor, num_targets: int) -> _Plan:
    source, target = edge_index
    degree = torch.bincount(target, minlength=num_targets)
    of_edge = degree.index_select(0, target)
    # Edges by degree of their target, then by target: groups of equal degree, whole targets in each.
    edge_of_slot = torch.argsort(of_edge * num_targets + target, stable=True)
    slots = source.index_select(0, edge_of_slot)
    sizes, counts = torch.unique(of_edge, return_counts=True)
    groups = slots.split(counts.tolist())
    blocks = [
        block
        for n, group in zip(sizes.tolist(), groups, strict=True)
        for block in group.view(-1, n).split(max(1, _EDGES_AT_ONCE // n))
    ]
    return _Plan(blocks, edge_of_slot, torch.argsort(edge_of_slot), slots, of_edge.index_select(0, edge_of_slot))


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


class _SimilaritySum(torch.autograd.Function):
    """Sum over j of ReLU(z_i . z_j) for every slot i; the products are made again in the backward pass, not kept."""

    @staticmethod
    def forward(ctx: Any, z: Tensor, plan: _Plan, sum_at_source: Any, include_self: bool) -> Tensor:
        ctx.save_for_backward(z)
        ctx.options = plan, sum_at_source, include_self
        sums = []
        for block in plan.blocks:
            vectors = z.index_select(0, block.flatten()).view(*block.shape, -1)
            parts = [part.sum(-1) for _, part in _similarities(vectors, include_self=include_self)]
            sums.append(torch.cat(parts, dim=1).flatten())
        return torch.cat(sums)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None, None]:
        (z,), (plan, sum_at_source, include_self) = ctx.saved_tensors, ctx.options
        edge_grad, start = z.new_empty(grad.numel(), z.size(1)), 0
        for block in plan.blocks:
            stop = start + block.numel()
            vectors = z.index_select(0, block.flatten()).view(*block.shape, -1)
            g, out = grad[start:stop].view_as(block), edge_grad[start:stop].view_as(vectors)
            for rows, part in _similarities(vectors, include_self=include_self):
                both = part.sign_().mul_(g[:, rows].unsqueeze(2) + g.unsqueeze(1))
                out[:, rows] = torch.bmm(both, vectors)
            start = stop
        return sum_at_source(edge_grad), None, None, None
