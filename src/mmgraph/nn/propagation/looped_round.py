"""One round over edges between users and items that bring their weights, and those of self-loops, along."""

from torch_geometric.data import HeteroData

from mmgraph.nn.sparse.spmm import spmm
from mmgraph.typing import Sides


def looped_round(sides: Sides, graph: HeteroData, relation: str) -> Sides:
    r"""Messages between users and items along a relation, and from each node to itself.

    .. math:: \mathbf x_v' = w_{vv}\, \mathbf x_v + \sum_{n \in N(v)} w_{nv}\, \mathbf x_n

    Args:
        sides: vectors of users and items.
        graph: holds the edges with ``edge_weight`` and ``loop_weight``
            (:func:`mmgraph.transforms.weigh_with_loops`).
        relation: their name; ``rev_<relation>`` lead back.

    Example:
        >>> import torch
        >>> graph = HeteroData()
        >>> for edge_type in (("user", "likes", "item"), ("item", "rev_likes", "user")):
        ...     graph[edge_type].edge_index = torch.tensor([[0], [0]])
        ...     graph[edge_type].edge_weight = graph[edge_type].loop_weight = torch.tensor([0.5])
        >>> looped_round(Sides(torch.ones(1, 1), torch.zeros(1, 1)), graph, "likes")
        Sides(user=tensor([[0.5000]]), item=tensor([[0.5000]]))
    """
    forth = graph["user", relation, "item"]
    back = graph["item", f"rev_{relation}", "user"]
    user, item = sides
    to_user = spmm(item, back.edge_index, back.edge_weight, user.size(0))
    to_item = spmm(user, forth.edge_index, forth.edge_weight, item.size(0))
    return Sides(to_user + back.loop_weight.unsqueeze(-1) * user, to_item + forth.loop_weight.unsqueeze(-1) * item)
