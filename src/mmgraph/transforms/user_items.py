"""Edges from users to items beside the interactions: what a model thinks each user would choose."""

import copy

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.typing import INTERACTS


def add_user_items(data: HeteroData, edge_index: Int[Tensor, "2 edges"], *, relation: str) -> HeteroData:
    """A new graph with further edges between users and items, under a name of their own; ``data`` stays as it is.

    Args:
        data: the graph to add to.
        edge_index: users over items.
        relation: name of the edges; ``rev_<relation>`` lead back. Edges of that name that ``data`` held are replaced.

    Example:
        >>> graph = add_user_items(HeteroData(), torch.tensor([[0], [2]]), relation="guessed")
        >>> graph["item", "rev_guessed", "user"].edge_index.tolist()
        [[2], [0]]
    """
    added = copy.copy(data)
    added["user", relation, "item"].edge_index = edge_index
    added["item", f"rev_{relation}", "user"].edge_index = edge_index.flip(0)
    return added


def top_unseen_items(
    data: HeteroData,
    user: Float[Tensor, "users dim"],
    item: Float[Tensor, "items dim"],
    k: int,
    *,
    chunk_size: int = 512,
) -> Int[Tensor, "2 edges"]:
    """The k items of largest inner product with each user among those that the user has not interacted with.

    Users without interactions get none: what they would choose cannot be known from their neighbours.

    Args:
        data: a graph with ``interacts`` edges.
        user: vectors of its users.
        item: vectors of its items.
        k: items for each user, or all that are left where these are fewer.
        chunk_size: users ranked at once: memory, not results.

    Returns:
        Edges, users over items.

    Raises:
        ValueError: if ``k`` is below 1.

    Example:
        >>> data = HeteroData(user={"num_nodes": 2}, item={"num_nodes": 3})
        >>> data["user", "interacts", "item"].edge_index = torch.tensor([[0], [0]])
        >>> top_unseen_items(data, torch.ones(2, 1), torch.tensor([[3.0], [1.0], [2.0]]), 1).tolist()
        [[0], [2]]
    """
    if k < 1:
        raise ValueError(f"k={k} must be at least 1 item for each user")
    chosen, seen = data[INTERACTS].edge_index.unbind()
    active = chosen.unique()
    position = torch.full((user.size(0),), -1, device=user.device)
    found = []
    for users in active.split(chunk_size):
        position[users] = torch.arange(users.numel(), device=user.device)
        here = position[chosen] >= 0
        scores = user[users] @ item.T
        scores[position[chosen[here]], seen[here]] = -torch.inf
        value, items = scores.topk(min(k, item.size(0)), dim=-1)
        left = value > -torch.inf
        found.append(torch.stack([users.unsqueeze(1).expand_as(items)[left], items[left]]))
        position[users] = -1
    return torch.cat(found, dim=1) if found else chosen.new_empty(2, 0)


def weigh_with_loops(data: HeteroData, relation: str, *, dropout: float = 0.0) -> None:
    r"""Writes the symmetric norm with self-loops into the edges of a relation, in place.

    .. math:: w_{ui} = \frac{1}{\sqrt{(d_u + 1)(d_i + 1)}}, \qquad w_{vv} = \frac{1}{d_v + 1}

    Each direction gets its ``edge_weight`` and, for the nodes that it leads to, a ``loop_weight``.

    Args:
        data: a graph with the edges of :func:`add_user_items`.
        relation: their name.
        dropout: share of weights set to 0, each on its own; the others grow so that sums stay as large.

    Example:
        >>> graph = HeteroData(user={"num_nodes": 1}, item={"num_nodes": 2})
        >>> graph = add_user_items(graph, torch.tensor([[0], [1]]), relation="guessed")
        >>> weigh_with_loops(graph, "guessed")
        >>> graph["user", "guessed", "item"].edge_weight.tolist(), graph["user", "guessed", "item"].loop_weight.tolist()
        ([0.5], [1.0, 0.5])
    """
    forth = data["user", relation, "item"]
    back = data["item", f"rev_{relation}", "user"]
    user, item = forth.edge_index
    degrees = [
        torch.bincount(ends, minlength=data[side].num_nodes).to(torch.get_default_dtype()) + 1
        for ends, side in ((user, "user"), (item, "item"))
    ]
    weight = (degrees[0][user] * degrees[1][item]).rsqrt()
    for store, degree in ((forth, degrees[1]), (back, degrees[0])):
        store.edge_weight = F.dropout(weight, dropout)
        store.loop_weight = F.dropout(degree.reciprocal(), dropout)
