"""Some of each node's neighbours, drawn from a CSR."""

import torch
from jaxtyping import Int64
from torch import Tensor

from mmgraph.nn import ragged_rows


def draw_places(
    start: Int64[Tensor, " rows"],
    count: Int64[Tensor, " rows"],
    size: int,
    generator: torch.Generator | None = None,
) -> tuple[Int64[Tensor, " entries"], Int64[Tensor, " entries"]]:
    """Draws entries of each row uniformly without replacement.

    Every set of ``size`` entries is equally likely (Floyd's algorithm, https://doi.org/10.1145/30401.315746, in all
    rows at once).

    Args:
        start: where each row begins in a list that holds rows one after another.
        count: how many entries it has.
        size: how many are drawn, all where there are no more; -1: all.
        generator: draws; by default torch's global one.

    Returns:
        For each entry its row, as a position in ``start``, and its place in the list.

    Example:
        >>> draw_places(torch.tensor([5, 0]), torch.tensor([1, 2]), 2)
        (tensor([0, 1, 1]), tensor([5, 0, 1]))
    """
    if size == -1:
        return ragged_rows(start, count)
    few = (count <= size).nonzero().flatten()
    row, place = ragged_rows(start[few], count[few])
    many = (count > size).nonzero().flatten()
    drawn = torch.full((many.numel(), size), -1, device=start.device)
    for step in range(size):
        last = count[many] - size + step
        chance = torch.rand(many.numel(), dtype=torch.float64, device=start.device, generator=generator)
        found = (chance * (last + 1)).long()
        known = (drawn[:, :step] == found.unsqueeze(1)).any(1)
        drawn[:, step] = torch.where(known, last, found)
    places = (drawn + start[many].unsqueeze(1)).flatten()
    return torch.cat([few[row], many.repeat_interleave(size)]), torch.cat([place, places])
