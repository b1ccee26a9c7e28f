"""NSMAR+ and NSMAR: neighbour similarity and multimodal alignment (Zhang et al., UAI 2024)."""

import math
from collections.abc import Iterable

import torch.nn.functional as F
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.losses.functional import check_choice
from mmgraph.models.base import Recommender, item_features
from mmgraph.models.scoring import PairScores, Scorer
from mmgraph.nn import (
    HomogeneousPropagation,
    MatrixAlignment,
    ModalityNodes,
    PairMLP,
    SharedAlignment,
    SimilarityPropagation,
    TwoTowers,
    concat_sides,
    feature_dims,
    identity_matrices,
    scale_sides,
)
from mmgraph.transforms import sample_neighbors
from mmgraph.typing import Encoding, Sides, View

ALIGNMENTS = ("mlp", "matrix", "none")
SCORERS = ("dot", "towers", "pair")


class NSMAR(Recommender):
    r"""Neighbours weighed by how much they resemble each other, modalities aligned, two graphs of users and of items.

    "Neighbor Similarity and Multimodal Alignment based Product Recommendation Study",
    https://openreview.net/forum?id=1jV9k56mme. There is no public code; the readings are ours.

    .. math::
        \mathbf u_m^{(0)} &= \mathrm{norm}(\mathbf E_u^m) \quad\text{(1)}, \qquad
        \mathbf i_m^{(0)} = \mathrm{norm}(\mathrm{MLP}(\mathbf X^m) + \mathbf E_i^m) \quad\text{(2)} \\
        \mathbf u_m^{(l)} &= \frac{1}{\sqrt{|N_u|}} \sum_{i \in N_u^K} \frac{\alpha_{u,i}^{(l-1)}}{\bar\alpha_u^{(l-1)}}
            \frac{\mathbf i_m^{(l-1)}}{\sqrt{|N_i|}} \quad\text{(3-5), items alike (6)} \\
        \mathbf u_m &= \frac{1}{L+1} \sum_{l=0}^{L} \mathbf u_m^{(l)} \quad\text{(7-8)} \qquad
        \mathbf u_{mf} = [\mathrm{Align}_1(\mathbf u_1) \| \mathrm{Align}_2(\mathbf u_2) \| \dots] \quad\text{(9-12)} \\
        \mathbf z_u &= \mathbf u_{mf} + S_U \mathbf u_{mf}, \qquad
        \mathbf z_i = \mathbf i_{mf} + S_I \mathbf i_{mf} \quad\text{(13-16)} \\
        y_{ui} &= \mathbf z_u^\top \mathbf z_i \quad\text{(17)}

    The paper prints neither norm nor the mean coefficient :math:`\bar\alpha`, sums its layers, and scores with a
    perceptron; each is an argument here, and docs/models/nsmar-plus.md has what each scored.

    Args:
        graph: the message graph with ``("user", "co_interacts", "user")`` and ``("item", "similar", "item")``
            (``graph=nsmar_plus``), unless ``num_graph_layers`` is 0.
        emb_dim: size D of each modality's vectors; the final ones have D for each modality.
        hidden_dim: hidden units of the feature perceptrons (Eq. 2); none: one linear layer.
        num_layers: rounds L over the interactions; 0: without them ("NC" of Figure 4).
        max_neighbors: K, neighbours aggregated of each node that has more; drawn each epoch, fixed for ranking.
        num_graph_layers: rounds over the graphs of users and of items; 0: without them ("GUI").
        normalize: whether what the rounds start from is brought to length 1, as in DRAGON.
        norm: of Eq. 3-6, see :class:`~mmgraph.nn.NeighborSimilarityConv`.
        include_self: likewise.
        layer_weight: whether Eq. 5-6 have the matrix W, the "MLP" that they print (the identity at the start).
        combine: "mean" or "sum" of layers 0 to L (Eq. 7-8).
        alignment: "mlp" (NSMAR+), "matrix" (NSMAR) or "none" ("MA").
        residual: whether the perceptrons of Eq. 9-10 correct their vectors or, as printed, take their place.
        stretch: whether the alignment may change the length of a vector, as printed.
        graph_input: what the graphs of users and items carry: "aligned", the modalities of Eq. 11-12, as DRAGON;
            "initial", what the modalities start from, as the text.
        scorer: Eq. 17; "dot", the inner product; "towers", a perceptron on each side first; "pair", one on the pair, as
            printed.
        scorer_dim: hidden units of either perceptron.
        item_ids: whether items have free vectors (Eq. 2) beside their projected features.
        score_scale: factor of the inner product, by its root on each side; not in the paper. None: 1, but 2 where
            starts have length 1 and there is one modality, whose scores are bounded at half of what two may reach.

    Views:
        ``ego.<name>`` and ``aligned.<name>``: users and items by modality, before the rounds and after the alignment;
        ``table.<name>``: the free vectors.

    Raises:
        ValueError: for an unknown choice, a ``score_scale`` that is not above 0, or ``residual=False`` where no
            perceptron aligns.
    """

    needs_modalities = True
    cost = "medium"

    def __init__(
        self,
        graph: HeteroData,
        *,
        emb_dim: int = 64,
        hidden_dim: int | None = None,
        num_layers: int = 2,
        max_neighbors: int = 60,
        num_graph_layers: int = 1,
        normalize: bool = True,
        norm: str = "sym",
        layer_weight: bool = False,
        combine: str = "mean",
        include_self: bool = True,
        alignment: str = "mlp",
        residual: bool = True,
        stretch: bool = False,
        graph_input: str = "aligned",
        scorer: str = "dot",
        scorer_dim: int = 64,
        item_ids: bool = True,
        score_scale: float | None = None,
    ) -> None:
        graphs = ("user", "co_interacts", "user"), ("item", "similar", "item")
        super().__init__(graph, reads=graphs if num_graph_layers else ())
        check_choice(alignment, name="alignment", allowed=ALIGNMENTS)
        check_choice(scorer, name="scorer", allowed=SCORERS)
        check_choice(combine, name="combine", allowed=("mean", "sum"))
        check_choice(graph_input, name="graph_input", allowed=("aligned", "initial"))
        features = feature_dims(item_features(graph))
        self.nodes = ModalityNodes(
            features,
            num_users=self.num_users,
            num_items=self.num_items if item_ids else None,
            emb_dim=emb_dim,
            hidden_dim=hidden_dim,
            normalize=normalize,
        )
        self.num_layers = num_layers
        self.max_neighbors = max_neighbors
        # "aligned" goes along the graphs after the rounds over the interactions, "initial" beside them.
        hops = num_layers, num_graph_layers
        self.num_hops = sum(hops) if graph_input == "aligned" else max(hops)
        self.num_graph_hops = num_graph_layers
        # The identity at first: a node starts out near its aggregate, as in LightGCN.
        self.transform = identity_matrices(features if num_layers and layer_weight else (), emb_dim)
        self.propagation = SimilarityPropagation(num_layers, norm=norm, combine=combine, include_self=include_self)
        self.graphs = HomogeneousPropagation(num_graph_layers)
        size = len(features) * emb_dim
        self.align = _alignment(alignment, features, emb_dim=emb_dim, stretch=stretch, residual=residual)
        self.vector_scale = _vector_scale(score_scale, halved=normalize and len(features) == 1)
        self.graph_input = graph_input
        if scorer != "dot":
            self.entangled = f"scorer={scorer} mixes the modalities in its hidden layer"
        self.towers = TwoTowers(size, hidden_dim=scorer_dim) if scorer == "towers" else None
        self.pair = PairMLP(size, hidden_dim=scorer_dim) if scorer == "pair" else None

    def training_graph(self, graph: HeteroData, epoch: int) -> HeteroData:
        """Draws the neighbours that each node aggregates this epoch."""
        return sample_neighbors(graph, self.max_neighbors) if self.num_layers else graph

    def inference_graph(self, graph: HeteroData) -> HeteroData:
        """Takes the same neighbours whenever it is the same graph."""
        return sample_neighbors(graph, self.max_neighbors, fixed=True) if self.num_layers else graph

    def forward(self, graph: HeteroData) -> Encoding:
        """Encodes every modality over the interactions, aligns and joins them, adds the graphs of users and items."""
        ego, free = self.nodes(item_features(graph), graph)  # Eq. 1-2
        refine = dict(self.transform.items())  # W of Eq. 5-6, if there is one
        propagated = {name: self.propagation(*sides, graph, refine=refine.get(name)) for name, sides in ego.items()}
        # Modalities of users, and those of items, in one space (Eq. 9-10).
        users, items = (self.align({name: sides[side] for name, sides in propagated.items()}) for side in (0, 1))
        aligned = {name: Sides(users[name], items[name]) for name in propagated}
        views: dict[str, View] = {f"table.{name}": view for name, view in free.items()}
        views |= {f"ego.{name}": sides for name, sides in ego.items()}
        views |= {f"aligned.{name}": sides for name, sides in aligned.items()}
        joined = concat_sides(aligned.values())  # Eq. 11-12
        message = joined if self.graph_input == "aligned" else concat_sides(ego.values())
        user, item = scale_sides(self.graphs(joined, message, graph), self.vector_scale)  # Eq. 13-16
        if self.towers is not None:
            user, item = self.towers(user, item)
        return Encoding(user, item, views)

    def scorer(self) -> Scorer:
        """Scores of every item for each user (Eq. 17)."""
        return super().scorer() if self.pair is None else PairScores(self.pair)

    def score_pairs(self, encoding: Encoding, user_idx: Tensor, item_idx: Tensor) -> Tensor:
        """Scores of given pairs (Eq. 17)."""
        if self.pair is None:
            return super().score_pairs(encoding, user_idx, item_idx)
        return self.pair(F.embedding(user_idx, encoding.user), F.embedding(item_idx, encoding.item))


def _alignment(kind: str, modalities: Iterable[str], *, emb_dim: int, stretch: bool, residual: bool) -> nn.Module:
    if kind == "mlp":
        return SharedAlignment(modalities, emb_dim=emb_dim, stretch=stretch, residual=residual)
    if not residual:
        raise ValueError(f"residual=False is for alignment='mlp', got alignment={kind!r}; leave residual true")
    return MatrixAlignment(modalities, emb_dim=emb_dim, stretch=stretch) if kind == "matrix" else nn.Identity()


def _vector_scale(score_scale: float | None, *, halved: bool) -> float:
    """The root of the scores' factor; ``halved``: left to itself, one modality would score half as high as two."""
    if score_scale is None:
        return math.sqrt(2.0 if halved else 1.0)
    if score_scale <= 0:
        raise ValueError(f"score_scale={score_scale} must be above 0; null leaves it to the number of modalities")
    return math.sqrt(score_scale)
