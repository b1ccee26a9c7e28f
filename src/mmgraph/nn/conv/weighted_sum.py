"""What the convolutions share: weighted messages summed at their targets."""

from typing import Any, NamedTuple, TypeAlias

from jaxtyping import Float
from torch import Tensor
from torch_geometric.nn import MessagePassing

from mmgraph.nn.common.sampled_sum import rescale_sum
from mmgraph.nn.conv.edges import Edges, EdgesLike, read_edges
from mmgraph.nn.sparse.spmm import spmm
from mmgraph.nn.sparse.weighted_spmm import weighted_spmm
from mmgraph.representation import settings_text

NodesLike: TypeAlias = Tensor | tuple[Tensor, Tensor | None]
"""Vectors of the nodes ``(N, D)``, or of sources ``(S, D)`` and targets ``(T, D)``; None: only the edges know them."""

SUMS = ("sum", "add")
"""What PyG calls the sum."""

_STEPS = ("message", "aggregate", "update")


class Inputs(NamedTuple):
    """What a convolution was called with, in the one form that it works with.

    Attributes:
        source: vectors of the sources.
        target: vectors of the targets; None: not given.
        edges: sources over targets, whatever the flow.
        shared: whether sources and targets are the same nodes.
    """

    source: Tensor
    target: Tensor | None
    edges: Edges
    shared: bool


class WeightedSum(MessagePassing):
    r"""Base of the convolutions that sum weighted messages, :math:`\mathbf x_i' = \sum_j w_{ji} \mathbf x_j`.

    A sparse product does that without a vector per edge. Where more is asked for than the sum, messages are made and
    aggregated by PyG's ``propagate``: for an explainer's mask, hooks, another ``aggr``, a subclass with a message of
    its own. ``flow="target_to_source"`` turns the edges of one kind of node round.

    Args:
        **kwargs: of :class:`torch_geometric.nn.MessagePassing`.

    Raises:
        ValueError: for an ``aggr`` other than "sum" where a subclass has no meaning for it (``only_sum``).
    """

    only_sum: str | None = None
    """Why a subclass takes no other ``aggr``; None: it takes any."""
    own_weights: bool = False
    """Whether a subclass weighs edges by itself alone."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("aggr", "sum")
        super().__init__(**kwargs)
        own = type(self)
        self._sums = self.aggr in SUMS and all(getattr(own, step) is getattr(WeightedSum, step) for step in _STEPS)
        if self.only_sum is not None and self.aggr not in SUMS:
            raise ValueError(f"aggr of {own.__name__} must be 'sum', got {self.aggr!r}: {self.only_sum}")

    def __repr__(self) -> str:
        """Its settings."""
        return f"{type(self).__name__}({settings_text(self)})"

    @property
    def is_plain(self) -> bool:
        """Whether nobody looks at single messages, so that a sparse product may stand in for ``propagate``."""
        return self._sums and not (
            self.explain
            or self._message_forward_hooks
            or self._message_forward_pre_hooks
            or self._aggregate_forward_hooks
            or self._aggregate_forward_pre_hooks
            or self._propagate_forward_hooks
            or self._propagate_forward_pre_hooks
        )

    def message(
        self, x_j: Float[Tensor, "edges dim"], edge_weight: Float[Tensor, " edges"]
    ) -> Float[Tensor, "edges dim"]:
        """A source's vector, weighed."""
        return edge_weight.unsqueeze(-1) * x_j

    def read(self, x: NodesLike, edges: EdgesLike, edge_weight: Tensor | None = None) -> Inputs:
        """Brings nodes and edges into one form.

        Args:
            x: the nodes.
            edges: the edges.
            edge_weight: weights that stand in for those of an edge store; None: whatever came along.

        Raises:
            ValueError: if they do not fit each other or the flow.
        """
        source, target = (x, x) if isinstance(x, Tensor) else x
        shared = source is target
        read = read_edges(edges)
        if read.size is not None and read.size[1] != source.size(0):
            raise ValueError(
                f"the adjacency is {read.size[0]} targets x {read.size[1]} sources, but x has {source.size(0)} sources"
            )
        if self.own_weights and read.size is not None and read.weight is not None:
            raise ValueError(f"{type(self).__name__} weighs edges itself: the adjacency's values must all be 1")
        if edge_weight is not None:
            if read.size is not None and read.weight is not None:
                raise ValueError("edge_weight is given twice: the values of the adjacency are weights already")
            read = Edges(read.edge_index, edge_weight, read.size, read.store)
        if self.flow == "target_to_source":
            if not shared or read.size is not None:
                raise ValueError(
                    "flow='target_to_source' is for one kind of node and edge_index; turn the edges round instead: "
                    "edge_index.flip(0), or adjacency.t()"
                )
            read = read.flipped()
        return Inputs(source, target, read, shared)

    def weighted_sum(
        self,
        inputs: Inputs,
        edge_weight: Float[Tensor, " edges"],
        num_targets: int,
        *,
        changing: bool = False,
        shares: bool = False,
    ) -> Float[Tensor, "targets dim"]:
        """Sums messages at their targets; over sampled edges, estimates the sum over all (``sample_scale``).

        Args:
            inputs: nodes and edges.
            edge_weight: weight of each message.
            num_targets: rows of the result.
            changing: whether the weights are others at each call, so that no product is worth remembering.
            shares: whether the weights are divided by something of the sampled edges, so that sums are of the right
                size already.
        """
        total = self._sum(inputs, edge_weight, num_targets, changing=changing)
        return total if shares or self.aggr not in SUMS else rescale_sum(total, inputs.edges.store)

    def _sum(self, inputs: Inputs, edge_weight: Tensor, num_targets: int, *, changing: bool) -> Tensor:
        source, target, edges, _ = inputs
        if self.is_plain:
            product = weighted_spmm if changing or edge_weight.requires_grad else spmm
            return product(source, edges.edge_index, edge_weight, num_targets)
        # PyG turns the edges round by itself.
        index = edges.edge_index if self.flow == "source_to_target" else edges.edge_index.flip(0)
        size = (source.size(0), num_targets)
        return self.propagate(index, x=(source, target), edge_weight=edge_weight, size=size)
