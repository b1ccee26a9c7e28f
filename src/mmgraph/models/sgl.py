"""SGL: self-supervised graph learning (Wu et al., SIGIR 2021, https://arxiv.org/abs/2010.10783)."""

from torch_geometric.data import HeteroData

from mmgraph.models.base import Recommender
from mmgraph.nn import BipartitePropagation
from mmgraph.transforms import add_interactions, drop_edges, drop_nodes
from mmgraph.typing import Encoding

AUGMENTATIONS = ("edge", "node", "walk")
VIEWS = ("first", "second")


class SGL(Recommender):
    r"""LightGCN that should know a node again in two random versions of the graph, drawn anew each epoch.

    .. math:: \mathbf Z' = H(s'(G)), \qquad \mathbf Z'' = H(s''(G))

    with H LightGCN and s a random dropout of edges, of nodes, or of edges anew for every layer (a random walk).

    Args:
        graph: the message graph.
        emb_dim: size D of the vectors.
        num_layers: rounds of propagation L.
        augmentation: what a version of the graph lacks: "edge", "node" (all edges of some users and items), or "walk"
            (other edges at every layer).
        dropout: share rho of edges, or of users and of items, that it lacks; in [0, 1).

    Views:
        ``ego``: the two tables; on a graph of :meth:`training_graph`, ``first`` and ``second``: the encodings on its
        two versions of the interactions.

    Raises:
        ValueError: if ``augmentation`` is not known; at the first epoch, if ``dropout`` is out of range.
    """

    cost = "heavy"

    def __init__(
        self,
        graph: HeteroData,
        *,
        emb_dim: int = 64,
        num_layers: int = 3,
        augmentation: str = "edge",
        dropout: float = 0.1,
    ) -> None:
        super().__init__(graph)
        if augmentation not in AUGMENTATIONS:
            raise ValueError(f"augmentation={augmentation!r} is not known; choose one of {', '.join(AUGMENTATIONS)}")
        self.make_tables(emb_dim)
        self.propagation = BipartitePropagation(num_layers)
        self.num_hops = num_layers
        self.augmentation = augmentation
        self.dropout = dropout

    def relations(self, view: str) -> list[str]:
        """Names of the edges that each layer of a view travels along."""
        num_layers = self.propagation.num_layers
        return (
            [f"{view}_{layer}" for layer in range(num_layers)] if self.augmentation == "walk" else [view] * num_layers
        )

    def training_graph(self, graph: HeteroData, epoch: int) -> HeteroData:
        """Draws the two versions of the interactions and lays them beside the interactions themselves."""
        drop = drop_nodes if self.augmentation == "node" else drop_edges
        augmented = graph
        for relation in sorted({name for view in VIEWS for name in self.relations(view)}):
            augmented = add_interactions(augmented, drop(graph, self.dropout), relation=relation)
        return augmented

    def forward(self, graph: HeteroData) -> Encoding:
        """Encodes on the interactions, and on their two versions where the graph has them."""
        ego = self.ego(graph)
        views = {"ego": ego}
        for view in VIEWS:
            relations = self.relations(view)
            if all(("user", name, "item") in graph.edge_types for name in relations):
                views[view] = self.propagation(*ego, graph, relations=relations)
        final_user, final_item = self.propagation(*ego, graph)
        return Encoding(final_user, final_item, views)
