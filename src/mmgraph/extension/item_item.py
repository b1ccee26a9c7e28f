"""New users and items of models that weigh items by items."""

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.extension.new_nodes import NewNodes
from mmgraph.models.base import ItemItemRecommender
from mmgraph.nn import interaction_csr, sparse_tensor
from mmgraph.typing import INTERACTS, Encoding


def extend_weights(model: ItemItemRecommender, graph: HeteroData, encoding: Encoding, new: NewNodes) -> Encoding:
    """The weights of old items as they are, those of old items in the scores of new ones, and new users' histories.

    A new item has no say in other items' scores.

    Args:
        model: what weighs.
        graph: the old graph.
        encoding: what the model made of it.
        new: what is new.

    Raises:
        ValueError: for a new item that no old user chose: such models know an item by its users alone.
    """
    num_users, num_items = encoding.user.shape
    audience = new.audience(num_users=num_users, num_items=num_items)
    chosen = interaction_csr(audience, num_users, new.num_items)
    lost = (torch.bincount(audience[1], minlength=new.num_items) == 0).nonzero()
    if lost.numel():
        raise ValueError(
            f"item {new.item_name(int(lost[0]), num_items=num_items)} has no user who was there in training, and "
            f"{type(model).__name__} knows an item by its users alone"
        )
    history = new.history(num_users=num_users)
    history[0] += num_users
    all_items = num_items + new.num_items
    user = _joined(encoding.user, history, torch.ones(history.size(1)), (num_users + new.num_users, all_items))
    if not new.num_items:
        return encoding._replace(user=user)
    known = interaction_csr(graph[INTERACTS].edge_index, num_users, num_items)
    weights = sparse_tensor(model.weigh(known, chosen), encoding.item.device)
    column = weights.indices().clone()
    column[1] += num_items
    return Encoding(user, _joined(encoding.item, column, weights.values(), (all_items, all_items)))


def _joined(matrix: Tensor, index: Tensor, value: Tensor, size: tuple[int, int]) -> Tensor:
    """A sparse matrix with further entries, in a larger one."""
    places = torch.cat([matrix.indices(), index.to(matrix.device)], dim=1)
    values = torch.cat([matrix.values(), value.to(matrix.values())])
    return torch.sparse_coo_tensor(places, values, size, check_invariants=True).coalesce()
