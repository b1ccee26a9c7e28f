"""What a trained model makes of users and items that it has not met."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.evaluation.evaluator import evaluation_mode
from mmgraph.extension.fold_in import FoldIn
from mmgraph.extension.grown_graph import grow_graph
from mmgraph.extension.item_item import extend_weights
from mmgraph.extension.new_nodes import NewNodes, check_new_nodes
from mmgraph.extension.tables import Tables, find_tables, grow_model
from mmgraph.models import Recommender
from mmgraph.models.item_item import ItemItemRecommender
from mmgraph.typing import Encoding, Sides

MODES = ("one_way", "recompute")
"""How new users and items are encoded, see :func:`extend`."""
Transform = Callable[[HeteroData], HeteroData]


class Extended(NamedTuple):
    """A model and what it knows of old and new users and items, old ones first.

    Attributes:
        model: what scores; the trained one, or a larger copy of it.
        encoding: of all users and items.
    """

    model: Recommender
    encoding: Encoding


@torch.no_grad()
def extend(
    model: Recommender,
    graph: HeteroData,
    encoding: Encoding,
    new: NewNodes,
    *,
    mode: str = "one_way",
    unseen: bool = False,
    transforms: Sequence[Transform] = (),
    fold_in: FoldIn | None = None,
) -> Extended:
    """Encodes new users and items without training.

    Args:
        model: a trained model; it stays as it is.
        graph: the message graph that it was trained on.
        encoding: what the model makes of that graph.
        new: what is new, scaled as the graph's features are.
        mode: "one_way": new users and items are inferred from old ones, for whom nothing changes, to the last bit;
            "recompute": a forward over the whole graph with its new nodes, whose interactions and features then count
            for everybody.
        unseen: whether old users and items without an interaction in training are inferred from the others, too: what
            the model has of them is what chance gave them.
        transforms: what drew the other edges of ``graph``; "recompute" has them drawn anew.
        fold_in: what was fitted on ``graph`` and ``encoding`` before, if it was.

    Raises:
        ValueError: for an unknown mode, new nodes that do not fit the graph or of which nothing is known, or a model
            that cannot do it; says why.

    Example:
        >>> from mmgraph.datasets import Synthetic
        >>> from mmgraph.models import MFBPR
        >>> graph = Synthetic(num_users=60, num_items=40)[0]
        >>> model = MFBPR(graph, emb_dim=8)
        >>> new = NewNodes(num_users=1, edge_index=torch.tensor([[60, 60], [3, 4]]))
        >>> extend(model, graph, model(graph), new).encoding.user.shape
        torch.Size([61, 8])
    """
    if mode not in MODES:
        raise ValueError(f"mode={mode!r} must be one of {', '.join(MODES)}")
    check_new_nodes(new, graph)
    larger = _Extension(model, graph, encoding, new, unseen, fold_in)
    if mode == "recompute":
        return larger.recomputed(transforms)
    if isinstance(model, ItemItemRecommender):
        return Extended(model, extend_weights(model, graph, encoding, new))
    return larger.encoded_one_way() if model.encodes_new_nodes else Extended(model, larger.inferred)


class _Extension:
    """The ways of one extension, which share what is fitted."""

    def __init__(
        self,
        model: Recommender,
        graph: HeteroData,
        encoding: Encoding,
        new: NewNodes,
        unseen: bool,
        fold_in: FoldIn | None,
    ) -> None:
        self.model = model
        self.graph = graph
        self.encoding = encoding
        self.new = new
        self.unseen = unseen
        self.fold_in = fold_in

    @cached_property
    def fold(self) -> FoldIn:
        return FoldIn(self.graph, self.encoding) if self.fold_in is None else self.fold_in

    @cached_property
    def inferred(self) -> Encoding:
        """Vectors of new nodes from those of old ones."""
        old = self.fold.infer_unseen() if self.unseen else Sides(*self.encoding[:2])
        return _below(old, self.fold.new(self.new), like=self.encoding)

    def encoded_one_way(self) -> Extended:
        """New nodes are encoded by messages from old ones; these keep what they were."""
        grown = grow_graph(self.graph, self.new, both_ways=False)
        tables = find_tables(self.model, self.graph)
        larger = self._grown_model(tables, grown)
        found = _encode(larger, grown)
        item = self._with_lonely(found.item, grown) if tables else found.item
        sizes = self.encoding.user.size(0), self.encoding.item.size(0)
        known = self.inferred if tables and self.unseen else self.encoding
        old = Sides(known.user[: sizes[0]], known.item[: sizes[1]])
        encoding = _below(old, Sides(found.user[sizes[0] :], item[sizes[1] :]), like=self.encoding)
        return Extended(larger, encoding._replace(views=found.views))

    def recomputed(self, transforms: Sequence[Transform]) -> Extended:
        """Everybody is encoded anew."""
        name = type(self.model).__name__
        if self.model.bound_to_nodes:
            raise ValueError(
                f"mode='recompute': {name} cannot encode a larger graph, for {self.model.bound_to_nodes}; "
                "mode='one_way' can"
            )
        grown = grow_graph(self.graph, self.new, both_ways=True)
        for transform in transforms:
            grown = transform(grown)
        tables = find_tables(self.model, self.graph)
        larger = self._grown_model(tables, grown)
        try:
            found = _encode(larger, grown)
        except (RuntimeError, IndexError) as error:
            raise ValueError(
                f"mode='recompute': {name} did not encode the larger graph ({error}): it must read its tables by "
                "self.rows; mode='one_way' needs no such forward"
            ) from error
        return Extended(larger, found._replace(item=self._with_lonely(found.item, grown)) if tables else found)

    def _grown_model(self, tables: Tables, grown: HeteroData) -> Recommender:
        """The model with rows for new nodes in its tables, if it has tables."""
        return grow_model(self.model, tables, grown, self.fold, self.inferred, self.unseen) if tables else self.model

    def _with_lonely(self, found: Tensor, grown: HeteroData) -> Tensor:
        """Items; new ones that nobody has chosen, to whom no message comes, get what is inferred of them."""
        lonely = grown["item"].degree == 0
        lonely[: self.encoding.item.size(0)] &= self.unseen
        return torch.where(lonely.unsqueeze(1), self.inferred.item, found)


def _below(old: Sides, further: Sides, *, like: Encoding) -> Encoding:
    """The rows of new users and items below those of old ones."""
    user = torch.cat([old.user.to(like.user), further.user.to(like.user)])
    return Encoding(user, torch.cat([old.item.to(like.item), further.item.to(like.item)]))


def _encode(model: Recommender, graph: HeteroData) -> Encoding:
    with evaluation_mode(model):
        return model(model.inference_graph(graph))
