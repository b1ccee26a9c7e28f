"""LightGCN's propagation over the user-item edges of a ``HeteroData``."""

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor, nn
from torch_geometric.data import HeteroData
from torch_geometric.data.storage import NodeStorage

from mmgraph.nn.common.sampled_sum import SAMPLE_SCALE
from mmgraph.nn.common.sides import add_sides, scale_sides
from mmgraph.nn.conv.divided import divided_adjacency, divided_sum
from mmgraph.nn.conv.light_gcn import LightGCNConv, edge_norm, sum_edge_rows
from mmgraph.nn.propagation.layer_sum import LinearLayers, layer_sum
from mmgraph.nn.sparse.edge_rows import edge_rows
from mmgraph.nn.sparse.spmm import TensorCache, adjacency
from mmgraph.processes.partition import is_divided
from mmgraph.representation import settings_text
from mmgraph.typing import INTERACTS, REV_INTERACTS, EdgeType, Sides

_loop_degrees = TensorCache()


class BipartitePropagation(nn.Module):
    r"""Users and items exchange messages for ``num_layers`` rounds (LightGCN, SIGIR 2020, https://arxiv.org/abs/2002.02126).

    .. math:: \mathbf x_u^{(l)} = \sum_{i \in N_u} \frac{\mathbf x_i^{(l-1)}}{\sqrt{|N_u|}\sqrt{|N_i|}}, \qquad
              \mathbf x_i^{(l)} = \sum_{u \in N_i} \frac{\mathbf x_u^{(l-1)}}{\sqrt{|N_i|}\sqrt{|N_u|}}

    Args:
        num_layers: rounds L.
        norm: how messages are weighed, see :class:`~mmgraph.nn.LightGCNConv`.
        self_loops: whether every node is also its own neighbour, one more than the others:
            :math:`\mathbf D^{-1} (\mathbf A + \mathbf I)` with ``norm="mean"`` (NGCF, LATTICE and MICRO).

    Shapes:
        user ``(U, D)``, item ``(I, D)`` -> the same shapes

    Example:
        On any bipartite graph with ``degree`` on both node types:

        >>> import torch
        >>> graph = HeteroData(user={"degree": torch.tensor([1.0, 2.0])}, item={"degree": torch.tensor([2.0, 1.0])})
        >>> graph["user", "interacts", "item"].edge_index = torch.tensor([[0, 1, 1], [0, 0, 1]])
        >>> graph["item", "rev_interacts", "user"].edge_index = torch.tensor([[0, 0, 1], [0, 1, 1]])
        >>> user, item = BipartitePropagation(2)(torch.ones(2, 4), torch.ones(2, 4), graph)
        >>> user.shape, item.shape
        (torch.Size([2, 4]), torch.Size([2, 4]))
    """

    def __init__(self, num_layers: int, *, norm: str = "sym", self_loops: bool = False) -> None:
        super().__init__()
        self.num_layers = num_layers
        self.self_loops = self_loops
        self.conv = LightGCNConv(norm=norm)

    def extra_repr(self) -> str:
        """Its settings, for ``print``."""
        return settings_text(self)

    def layers(
        self,
        user: Tensor,
        item: Tensor,
        graph: HeteroData,
        *,
        refine: Callable[[Sides], Sides] | None = None,
        relations: Sequence[str] | None = None,
    ) -> Iterator[Sides]:
        """Yields the users and items of layers 1 to L.

        Args:
            user: users of layer 0.
            item: items of layer 0.
            graph: holds the edges, and ``degree`` on both node types.
            refine: what becomes of each layer before it is yielded and passed on; None: nothing.
            relations: names of the edges, users to items, that each of the L layers travels along (``rev_<name>`` lead
                back); None: the interactions. Edges with an ``edge_weight`` are weighed by it, not by ``norm``.
        """
        names = [INTERACTS[1]] * self.num_layers if relations is None else relations
        for _, name in zip(range(self.num_layers), names, strict=True):
            user, item = (
                self._messages((item, user), graph, _edges_to("user", name)),
                self._messages((user, item), graph, _edges_to("item", name)),
            )
            if refine is not None:
                user, item = refine(Sides(user, item))
            yield Sides(user, item)

    def _messages(self, x: tuple[Tensor, Tensor], graph: HeteroData, edge_type: tuple[str, str, str]) -> Tensor:
        rows = edge_rows(graph, edge_type)
        if is_divided(graph):
            total = divided_sum(x[0], graph, edge_type, norm=self.conv.norm)
        elif rows is None:
            total = self.conv(x, graph[edge_type], self._weights(graph, edge_type))
        else:
            degrees = (self._degree(graph[side]) for side in (edge_type[0], edge_type[2]))
            total = sum_edge_rows(x[0], rows, *degrees, norm=self.conv.norm)
        if not self.self_loops:
            return total
        return total + (x[1] if self.conv.norm == "sum" else x[1] / self._degree(graph[edge_type[2]]).unsqueeze(-1))

    def _weights(self, graph: HeteroData, edge_type: tuple[str, str, str]) -> Tensor:
        source, _, target = edge_type
        edges = graph[edge_type]
        if "edge_weight" in edges:
            return edges.edge_weight
        degrees = self._degree(graph[source]), self._degree(graph[target])
        return edge_norm(edges.edge_index, *degrees, norm=self.conv.norm)

    def _degree(self, store: NodeStorage) -> Tensor:
        # The same tensor each time: weights and products are remembered by identity.
        degree = store.degree
        return _loop_degrees(lambda: degree + 1, (degree,)) if self.self_loops else degree

    def _linear(self, ego: Sides, graph: HeteroData) -> LinearLayers | None:
        """The interactions' matrices; None where a round is more than a product with them."""
        if self.num_layers == 0 or self.self_loops or not self.conv.is_plain or torch.compiler.is_compiling():
            return None
        if edge_rows(graph) is not None:
            return None
        if is_divided(graph):
            to_user = divided_adjacency(graph, REV_INTERACTS, norm=self.conv.norm)
            to_item = divided_adjacency(graph, INTERACTS, norm=self.conv.norm)
            return LinearLayers(to_user, to_item, self.num_layers)
        stores = [graph[edge_type] for edge_type in (REV_INTERACTS, INTERACTS)]
        weights = [self._weights(graph, edge_type) for edge_type in (REV_INTERACTS, INTERACTS)]
        if any(SAMPLE_SCALE in store for store in stores) or any(weight.requires_grad for weight in weights):
            return None
        dtype = torch.promote_types(ego[0].dtype, weights[0].dtype)
        users, items = (x.size(0) for x in ego)
        return LinearLayers(
            adjacency(stores[0].edge_index, weights[0], items, users, dtype),
            adjacency(stores[1].edge_index, weights[1], users, items, dtype),
            self.num_layers,
        )

    def sum(
        self,
        user: Tensor,
        item: Tensor,
        graph: HeteroData,
        *,
        refine: Callable[[Sides], Sides] | None = None,
        relations: Sequence[str] | None = None,
        with_ego: bool = False,
        scale: float = 1.0,
    ) -> Sides:
        """Sum of layers 1 to L, or 0 to L ``with_ego``, times ``scale``; added up on the way, never stacked.

        See :meth:`layers`. Where each layer is but a product with the one before, all are added up at once.
        """
        ego = Sides(user, item)
        if refine is None and relations is None and (rounds := self._linear(ego, graph)) is not None:
            return layer_sum(ego, rounds._replace(with_ego=with_ego, scale=scale))
        layers = self.layers(*ego, graph, refine=refine, relations=relations)
        total = add_sides([ego, *layers] if with_ego else layers)
        return total if scale == 1.0 else scale_sides(total, scale)

    def forward(
        self,
        user: Tensor,
        item: Tensor,
        graph: HeteroData,
        *,
        refine: Callable[[Sides], Sides] | None = None,
        relations: Sequence[str] | None = None,
    ) -> Sides:
        r"""Mean of layers 0 to L, :math:`\frac{1}{L+1} \sum_{l=0}^{L} \mathbf x^{(l)}` (LightGCN, Eq. 4)."""
        scale = 1.0 / (self.num_layers + 1)
        return self.sum(user, item, graph, refine=refine, relations=relations, with_ego=True, scale=scale)

    def from_one_side(self, x: Tensor, graph: HeteroData, *, side: str, relation: str = INTERACTS[1]) -> Sides:
        r"""The mean of layers 0 to L where the other side starts at zero, by half of the products.

        Messages leave one side only in each round. Propagation is linear: what comes of a start of both sides is what
        comes of the users' and of the items', added up; apart they take less where one of them has fewer columns.
        With B the messages away from the side and C those back to it, three rounds add up to
        :math:`\mathbf y = \mathbf x + \mathbf C \mathbf B \mathbf x` on the side and to
        :math:`\mathbf B \mathbf y` on the other.

        Args:
            x: layer 0 of the side, ``(U, D)`` or ``(I, D)``.
            graph: see :meth:`layers`.
            side: "user" or "item".
            relation: name of the edges, see :meth:`layers`.

        Raises:
            ValueError: with ``self_loops``, by which a side sends messages to itself.

        Example:
            >>> graph = HeteroData(user={"degree": torch.ones(1)}, item={"degree": torch.ones(1)})
            >>> graph["user", "interacts", "item"].edge_index = torch.zeros(2, 1, dtype=torch.long)
            >>> graph["item", "rev_interacts", "user"].edge_index = torch.zeros(2, 1, dtype=torch.long)
            >>> BipartitePropagation(1).from_one_side(torch.ones(1, 2), graph, side="user")
            Sides(user=tensor([[0.5000, 0.5000]]), item=tensor([[0.5000, 0.5000]]))
        """
        if self.self_loops:
            raise ValueError("self_loops=True sends messages within a side: propagate both sides at once")
        other = "item" if side == "user" else "user"
        counts = {target: x.new_empty(graph[target].degree.numel(), 0) for target in (side, other)}
        x = x / (self.num_layers + 1)
        sums = {side: x}
        for number in range(self.num_layers):
            source, target = (other, side) if number % 2 else (side, other)
            # What the messages arrive at says by its rows, and nothing else, how many targets there are.
            messages = self._messages((sums[source], counts[target]), graph, _edges_to(target, relation))
            sums[target] = x + messages if target == side else messages
        if self.num_layers == 0:
            sums[other] = x.new_zeros(counts[other].size(0), x.size(1))
        return Sides(**sums)


def _edges_to(side: str, relation: str) -> EdgeType:
    return ("item", f"rev_{relation}", "user") if side == "user" else ("user", relation, "item")
