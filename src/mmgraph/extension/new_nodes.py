"""Users and items that a trained model has not met."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch_geometric.data import HeteroData


@dataclass(frozen=True)
class NewNodes:
    """New users and items by rows: old ones keep theirs, new ones follow, in the order in which they are counted here.

    Attributes:
        num_users: how many users are new.
        num_items: how many items are new.
        edge_index: interactions with a new user, a new item or both; users over items, ``(2, E)``.
        features: of the new items, ``(num_items, d)`` by modality, scaled as those of the old ones are.
        has: which new items have a modality, ``(num_items,)`` by modality; all of them where a name is absent.
        item_names: what errors call the new items; by default their rows.

    Example:
        The user of row 5 is new and has chosen the items 0 and 7, of which 7 is new.

        >>> new = NewNodes(num_users=1, num_items=1, edge_index=torch.tensor([[5, 5], [0, 7]]))
        >>> new.history(num_users=5).tolist(), new.audience(num_users=5, num_items=7).tolist()
        ([[0, 0], [0, 7]], [[], []])
    """

    num_users: int = 0
    num_items: int = 0
    edge_index: Int[Tensor, "2 edges"] = field(default_factory=lambda: torch.empty(2, 0, dtype=torch.long))
    features: Mapping[str, Float[Tensor, "new _"]] = field(default_factory=dict)
    has: Mapping[str, Bool[Tensor, " new"]] = field(default_factory=dict)
    item_names: Sequence[object] | None = None

    def history(self, *, num_users: int) -> Int[Tensor, "2 pairs"]:
        """What new users chose, counted from 0, over the rows of old and new items."""
        pairs = self.edge_index[:, self.edge_index[0] >= num_users]
        return torch.stack([pairs[0] - num_users, pairs[1]])

    def audience(self, *, num_users: int, num_items: int) -> Int[Tensor, "2 pairs"]:
        """Which old users chose new items: rows of users over items counted from 0."""
        inside = (self.edge_index[1] >= num_items) & (self.edge_index[0] < num_users)
        pairs = self.edge_index[:, inside]
        return torch.stack([pairs[0], pairs[1] - num_items])

    def item_name(self, number: int, *, num_items: int) -> str:
        """What errors call a new item, which is counted from 0."""
        return repr(num_items + number if self.item_names is None else self.item_names[number])

    def has_feature(self, name: str) -> Bool[Tensor, " new"]:
        """Which new items have a modality."""
        if name not in self.features:
            return torch.zeros(self.num_items, dtype=torch.bool)
        return self.has.get(name, torch.ones(self.num_items, dtype=torch.bool))


def check_new_nodes(new: NewNodes, graph: HeteroData) -> None:
    """Refuses what cannot be new to a graph.

    Raises:
        ValueError: for an edge whose ends are both old, or not there; for features of another size than the graph's,
            or of a modality that it lacks; names it.
    """
    sizes = int(graph["user"].num_nodes), int(graph["item"].num_nodes)
    ends = sizes[0] + new.num_users, sizes[1] + new.num_items
    for row, side in enumerate(("user", "item")):
        wrong = new.edge_index[row][(new.edge_index[row] < 0) | (new.edge_index[row] >= ends[row])]
        if wrong.numel():
            raise ValueError(f"edge_index: {side}s must be from 0 to {ends[row] - 1}, found {int(wrong[0])}")
    old = (new.edge_index[0] < sizes[0]) & (new.edge_index[1] < sizes[1])
    if old.any():
        user, item = new.edge_index[:, old][:, 0].tolist()
        raise ValueError(f"edge_index: user {user} and item {item} are both old; an interaction has a new user or item")
    for name, x in new.features.items():
        known = graph["item"].get(f"x_{name}")
        if known is None:
            names = [key.removeprefix("x_") for key in graph["item"].keys() if key.startswith("x_")]  # noqa: SIM118
            raise ValueError(f"features: the model's items have no modality {name!r}; they have {names}")
        if x.shape != (new.num_items, known.size(1)):
            raise ValueError(
                f"features[{name!r}] must be ({new.num_items}, {known.size(1)}), a row for each new item; "
                f"got {tuple(x.shape)}"
            )
        if not x[new.has_feature(name)].isfinite().all():
            raise ValueError(f"features[{name!r}] has a NaN or Inf")
