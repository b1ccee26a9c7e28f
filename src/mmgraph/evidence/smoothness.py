"""How alike vectors are: numbers for over-smoothing, in memory that does not grow with the number of nodes."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from mmgraph.typing import Sides

MAX_EDGES = 1_000_000
"""Of more edges than these as many are drawn, by a seed."""
MAX_PAIRS = 20_000
"""Random pairs of nodes that are compared."""
_BLOCK = 65_536
_DRAWN_BY = 0


class Smoothness(NamedTuple):
    """Numbers of one set of vectors of users and items.

    Attributes:
        neighbor_cosine: mean cosine of a user and an item that interact.
        random_cosine: the same of a user and an item drawn at random: what neighbours are above it is the graph's.
        energy: Dirichlet energy per node.
        relative_energy: of it, what the lengths of the vectors leave: 0 where neighbours are equal, 1 where they are
            orthogonal.
        user_rank: effective rank of the users' vectors, at most their size.
        item_rank: of the items'.
    """

    neighbor_cosine: float
    random_cosine: float
    energy: float
    relative_energy: float
    user_rank: float
    item_rank: float


def smoothness(sides: Sides, edge_index: Int[Tensor, "2 edges"]) -> Smoothness:
    """All numbers of users and items that live in one space.

    Args:
        sides: their vectors.
        edge_index: interactions, users over items.

    Example:
        >>> alike = Sides(torch.ones(2, 3), torch.ones(4, 3))
        >>> found = smoothness(alike, torch.tensor([[0, 1], [0, 3]]))
        >>> round(found.neighbor_cosine, 6), found.energy, round(found.item_rank, 6)
        (1.0, 0.0, 1.0)
    """
    edges = drawn_edges(edge_index)
    energy, lengths = _energy(sides, edges)
    scale = edge_index.size(1) / max(edges.size(1), 1)
    return Smoothness(
        neighbor_cosine=mean_cosine(sides, edges),
        random_cosine=mean_cosine(sides, _random_pairs(sides)),
        energy=2 * scale * energy / (len(sides.user) + len(sides.item)),
        relative_energy=energy / lengths if lengths else 0.0,
        user_rank=effective_rank(sides.user),
        item_rank=effective_rank(sides.item),
    )


def drawn_edges(edge_index: Int[Tensor, "2 edges"]) -> Int[Tensor, "2 drawn"]:
    """All edges, or :data:`MAX_EDGES` of them, the same ones each time."""
    count = edge_index.size(1)
    if count <= MAX_EDGES:
        return edge_index
    generator = torch.Generator().manual_seed(_DRAWN_BY)
    return edge_index[:, torch.randint(count, (MAX_EDGES,), generator=generator).to(edge_index.device)]


def mean_cosine(sides: Sides, pairs: Int[Tensor, "2 pairs"]) -> float:
    """Mean cosine of users and items, pair by pair; a vector of zeros has cosine 0 with all.

    Example:
        >>> sides = Sides(torch.tensor([[1.0, 0.0]]), torch.tensor([[2.0, 0.0], [0.0, 1.0]]))
        >>> mean_cosine(sides, torch.tensor([[0, 0], [0, 1]]))
        0.5
    """
    total = 0.0
    for user, item in zip(*(rows.split(_BLOCK) for rows in pairs), strict=True):
        total += float(F.cosine_similarity(sides.user[user].double(), sides.item[item].double(), dim=-1).sum())
    return total / max(pairs.size(1), 1)


def dirichlet_energy(sides: Sides, edge_index: Int[Tensor, "2 edges"]) -> float:
    r"""Squared distances of neighbours, per node (Rusch, Bronstein and Mishra 2023, https://arxiv.org/abs/2303.10993).

    .. math:: \frac 1N \sum_i \sum_{j \in N_i} \lVert \mathbf x_i - \mathbf x_j \rVert^2

    Each interaction counts from both its ends. Vectors that are all equal have 0, whatever the graph.

    Example:
        >>> sides = Sides(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 0.0], [9.0, 9.0]]))
        >>> dirichlet_energy(sides, torch.tensor([[0], [0]]))  # 2 * 1 / 3
        0.6666666666666666
    """
    return 2 * _energy(sides, edge_index)[0] / (len(sides.user) + len(sides.item))


def _energy(sides: Sides, edges: Tensor) -> tuple[float, float]:
    """Sums of squared distances over the edges, and of the squared lengths of both ends."""
    distance = lengths = 0.0
    for user, item in zip(*(rows.split(_BLOCK) for rows in edges), strict=True):
        of_user, of_item = sides.user[user].double(), sides.item[item].double()
        distance += float((of_user - of_item).square().sum())
        lengths += float(of_user.square().sum() + of_item.square().sum())
    return distance, lengths


def effective_rank(x: Float[Tensor, "nodes dim"]) -> float:
    r"""How many directions vectors spread over: the exponential of the entropy of their singular values.

    Roy and Vetterli, "The effective rank: a measure of effective dimensionality", EUSIPCO 2007,
    https://ieeexplore.ieee.org/document/7098875.

    .. math:: \exp\Big(-\sum_k p_k \ln p_k\Big), \qquad p_k = \sigma_k / \sum_l \sigma_l

    Their products are summed block by block in double precision, so that no row more than a block is held.

    Args:
        x: the vectors; 0 where all of them are zeros.

    Example:
        >>> round(effective_rank(torch.eye(5)), 6), round(effective_rank(torch.ones(5, 3)), 6)
        (5.0, 1.0)
    """
    products = torch.zeros(x.size(1), x.size(1), dtype=torch.float64, device=x.device)
    for block in x.split(_BLOCK):
        rows = block.double()
        products += rows.T @ rows
    eigenvalue = torch.linalg.eigvalsh(products)
    # What is below the rounding of the largest is no direction.
    eigenvalue = eigenvalue[eigenvalue > eigenvalue.max() * x.size(1) * torch.finfo(torch.float64).eps]
    if not eigenvalue.numel():
        return 0.0
    share = eigenvalue.sqrt() / eigenvalue.sqrt().sum()
    return float(torch.exp(-(share * share.log()).sum()))


def _random_pairs(sides: Sides) -> Tensor:
    generator = torch.Generator().manual_seed(_DRAWN_BY)
    drawn = [torch.randint(len(x), (MAX_PAIRS,), generator=generator) for x in sides]
    return torch.stack(drawn).to(sides.user.device)
