"""New users and items of models that weigh items by items."""

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.extension.new_nodes import NewNodes
from mmgraph.models.item_item import FurtherItems, ItemItemRecommender
from mmgraph.nn import interaction_csr
from mmgraph.typing import Encoding


def extend_weights(model: ItemItemRecommender, graph: HeteroData, encoding: Encoding, new: NewNodes) -> Encoding:
    """The weights of old items as they are, those of old items in the scores of new ones, and new users' histories.

    A new item has no say in other items' scores.

    Args:
        model: what weighs.
        graph: the old graph.
        encoding: what the model made of it.
        new: what is new.

    Raises:
        ValueError: for a new item of which the model knows nothing: one that no old user chose, and that has no
            features which the model reads.
    """
    num_users, num_items = encoding.user.shape
    history = new.history(num_users=num_users)
    history[0] += num_users
    all_items = num_items + new.num_items
    user = _joined(encoding.user, history, torch.ones(history.size(1)), (num_users + new.num_users, all_items))
    if not new.num_items:
        return encoding._replace(user=user)
    weights = model.weigh(graph, _further_items(model, graph, new)).to(encoding.item.device)
    if weights.layout is torch.strided:
        item = encoding.item.new_zeros(all_items, all_items)
        item[:num_items, :num_items] = encoding.item
        item[:num_items, num_items:] = weights
        return Encoding(user, item)
    column = weights.indices().clone()
    column[1] += num_items
    return Encoding(user, _joined(encoding.item, column, weights.values(), (all_items, all_items)))


def _further_items(model: ItemItemRecommender, graph: HeteroData, new: NewNodes) -> FurtherItems:
    """What is known of the new items."""
    num_users = int(graph["user"].num_nodes)
    num_items = int(graph["item"].num_nodes)
    audience = new.audience(num_users=num_users, num_items=num_items)
    names = model.modalities(graph)
    has = {name: new.has_feature(name).cpu() for name in names}
    known = torch.bincount(audience[1], minlength=new.num_items) > 0
    for having in has.values():
        known |= having
    if not known.all():
        lost = new.item_name(int((~known).nonzero()[0]), num_items=num_items)
        kind = type(model).__name__
        by = f"its users and features ({', '.join(names)}), of which it has neither" if names else "its users alone"
        raise ValueError(f"item {lost} has no user who was there in training, and {kind} knows an item by {by}")
    features = {name: _features(new, name, int(graph["item"][f"x_{name}"].size(1))) for name in names}
    return FurtherItems(interaction_csr(audience, num_users, new.num_items), features, has)


def _features(new: NewNodes, name: str, size: int) -> Tensor:
    """Those of the new items, zeros where one lacks the modality."""
    has = new.has_feature(name).cpu()
    found = torch.zeros(new.num_items, size)
    if has.any():
        found[has] = new.features[name].cpu()[has].float()
    return found


def _joined(matrix: Tensor, index: Tensor, value: Tensor, size: tuple[int, int]) -> Tensor:
    """A sparse matrix with further entries, in a larger one."""
    places = torch.cat([matrix.indices(), index.to(matrix.device)], dim=1)
    values = torch.cat([matrix.values(), value.to(matrix.values())])
    return torch.sparse_coo_tensor(places, values, size, check_invariants=True).coalesce()
