"""Stochastic views of the user-item graph: some interactions are left out, at random, by degree or with their nodes."""

import copy

import torch
from jaxtyping import Int
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.processes.partition import is_divided
from mmgraph.transforms.base import GraphTransform
from mmgraph.transforms.degree import set_interactions
from mmgraph.transforms.own_drop import drop_own_edges, drop_own_popular, num_interactions
from mmgraph.typing import INTERACTS, REV_INTERACTS


def keep_interactions(data: HeteroData, kept: Int[Tensor, " kept"]) -> HeteroData:
    """A new graph with the interactions at positions ``kept`` only, both directions, and degrees counted on them.

    Every other store is shared with ``data``, which stays as it is.
    """
    pruned = copy.copy(data)
    set_interactions(pruned, data[INTERACTS].edge_index.index_select(1, kept))
    if "weight" in data[INTERACTS]:
        pruned[INTERACTS].weight = data[INTERACTS].weight.index_select(0, kept)
    return pruned


def _num_kept(total: int, dropout: float) -> int:
    if not 0 <= dropout < 1:
        raise ValueError(f"dropout must be in [0, 1), got {dropout}")
    return int(total * (1 - dropout))


def drop_edges(data: HeteroData, dropout: float) -> HeteroData:
    """Leaves out a share of the interactions, each with the same chance (SGL, SIGIR 2021, https://arxiv.org/abs/2010.10783).

    Args:
        data: a graph with ``interacts`` edges.
        dropout: share left out, in [0, 1).

    Raises:
        ValueError: if ``dropout`` is out of range.
    """
    if is_divided(data):
        return drop_own_edges(data, _num_kept(num_interactions(data), dropout))
    num_edges = data[INTERACTS].edge_index.size(1)
    kept = torch.randperm(num_edges, device=data[INTERACTS].edge_index.device)[: _num_kept(num_edges, dropout)]
    return keep_interactions(data, kept)


def drop_nodes(data: HeteroData, dropout: float) -> HeteroData:
    """Leaves out all interactions of a share of the users and of a share of the items (SGL's node dropout).

    Wu et al., "Self-supervised Graph Learning for Recommendation", SIGIR 2021, https://arxiv.org/abs/2010.10783.
    The nodes stay, alone.

    Args:
        data: a graph with ``interacts`` edges.
        dropout: share of each side left out, in [0, 1).

    Raises:
        ValueError: if ``dropout`` is out of range.
    """
    edge_index = data[INTERACTS].edge_index
    stays = torch.ones(edge_index.size(1), dtype=torch.bool, device=edge_index.device)
    for ends, side in zip(edge_index, ("user", "item"), strict=True):
        num_nodes = int(data[side].num_nodes)
        alone = torch.zeros(num_nodes, dtype=torch.bool, device=edge_index.device)
        alone[torch.randperm(num_nodes, device=edge_index.device)[_num_kept(num_nodes, dropout) :]] = True
        stays &= ~alone[ends]
    return keep_interactions(data, stays.nonzero().squeeze(1))


def add_interactions(data: HeteroData, other: HeteroData, *, relation: str) -> HeteroData:
    r"""A new graph with the interactions of ``other`` beside its own, under a name of their own.

    They carry the weight that they have in ``other``, :math:`1 / \sqrt{d_u d_i}` by its degrees; see the
    ``relations`` of :class:`mmgraph.nn.BipartitePropagation`.

    Args:
        data: the graph to add to, which stays as it is.
        other: one with the same nodes, such as :func:`drop_edges` gives.
        relation: name of the edges from users to items; ``rev_<relation>`` lead back.

    Example:
        >>> data = HeteroData(user={"num_nodes": 2}, item={"num_nodes": 1})
        >>> data[INTERACTS].edge_index = torch.tensor([[0, 1], [0, 0]])
        >>> both = add_interactions(data, keep_interactions(data, torch.tensor([1])), relation="first")
        >>> both["user", "first", "item"].edge_index.tolist(), both["item", "rev_first", "user"].edge_weight.tolist()
        ([[1], [0]], [1.0])
    """
    both = copy.copy(data)
    user, item = edge_index = other[INTERACTS].edge_index
    weight = (other["user"].degree[user] * other["item"].degree[item]).rsqrt()
    forth = both["user", relation, "item"]
    back = both["item", f"rev_{relation}", "user"]
    forth.edge_index = edge_index
    forth.edge_weight = weight
    back.edge_index = other[REV_INTERACTS].edge_index
    back.edge_weight = weight
    return both


def degree_sensitive_drop(data: HeteroData, dropout: float) -> HeteroData:
    r"""Leaves out a share of the interactions, those of popular nodes rather (FREEDOM, MM 2023, Eq. 5).

    Kept edges are drawn without replacement with chances :math:`p_{ui} \propto 1 / \sqrt{d_u d_i}`
    (https://arxiv.org/abs/2211.06924).

    Args:
        data: a graph with ``interacts`` edges and ``degree`` on both node types.
        dropout: share left out, in [0, 1).

    Raises:
        ValueError: if ``dropout`` is out of range.
    """
    if is_divided(data):
        return drop_own_popular(data, _num_kept(num_interactions(data), dropout))
    user, item = data[INTERACTS].edge_index
    chance = (data["user"].degree[user] * data["item"].degree[item]).rsqrt()
    return keep_interactions(data, _draw(chance, _num_kept(user.numel(), dropout)))


def _draw(chance: Tensor, count: int) -> Tensor:
    """Draws ``count`` positions without replacement by an exponential race (multinomial has a size limit)."""
    arrival = torch.empty_like(chance).exponential_() / chance
    return arrival.topk(count, largest=False, sorted=False).indices


class EdgeDrop(GraphTransform):
    """One stochastic view: :func:`drop_edges`, or :func:`degree_sensitive_drop`.

    Args:
        dropout: share of the interactions left out, in [0, 1).
        degree_sensitive: whether popular nodes lose more.
    """

    def __init__(self, *, dropout: float, degree_sensitive: bool = False) -> None:
        _num_kept(0, dropout)
        self.dropout = dropout
        self.degree_sensitive = degree_sensitive

    def forward(self, data: HeteroData) -> HeteroData:
        """The pruned graph; ``data`` stays as it is."""
        drop = degree_sensitive_drop if self.degree_sensitive else drop_edges
        return drop(data, self.dropout)
