"""DiffMM: multi-modal diffusion (Jiang et al., MM 2024, https://arxiv.org/abs/2406.11781)."""

from collections.abc import Iterator
from functools import partial

import torch
import torch.nn.functional as F
from torch import nn
from torch_geometric.data import HeteroData

from mmgraph.losses.functional import check_choice
from mmgraph.models.base import Recommender, item_features
from mmgraph.nn import (
    BipartitePropagation,
    ModalityAttention,
    ModalityProjection,
    RowDiffusion,
    add_sides,
    feature_dims,
    interaction_coo,
    looped_round,
    normalize_sides,
    scale_sides,
)
from mmgraph.transforms import add_user_items, weigh_with_loops
from mmgraph.typing import Encoding, Sides, Triplets, View

PROJECTIONS = ("leaky", "linear")


class DiffMM(Recommender):
    r"""A denoiser for each modality redraws who chose what; messages travel over all these graphs, tied by contrast.

    Denoisers (:class:`mmgraph.nn.RowDenoiser`) learn to find each user's blurred interactions again in the light of
    their modality, before each epoch. The k items that they guess for a user are its neighbours in :math:`A^m`. With
    all graphs normalised symmetrically, with self-loops, and projected features
    :math:`\mathbf f^m` at length 1:

    .. math::
        \mathbf h^m &= A [\mathbf x_U ; \mathbf f^m] + A [(A [\mathbf x_U ; \mathbf f^m])_U ; \mathbf x_I]
            + \mu A^m [\mathbf x_U ; \mathbf x_I], \qquad \mathbf h = \sum_m \kappa_m \mathbf h^m \\
        \mathbf e &= \sum_{l=0}^{L} A^l \mathbf h + \omega\, \mathrm{norm}(\mathbf h), \qquad
        \mathbf z^m = \sum_{l=0}^{L} A^l A^m [\mathbf x_U ; \mathbf f^m]

    Args:
        graph: the message graph; items need at least one modality.
        emb_dim: size D of the vectors.
        num_layers: rounds L.
        projection: of the features, "leaky" (linear without bias, then LeakyReLU of slope 0.2) or "linear".
        num_generated: k.
        num_steps: steps of the diffusion.
        noise_scale: of the diffusion; see :class:`mmgraph.nn.GaussianDiffusion`.
        hidden_dim: hidden units of the denoisers.
        input_dropout: dropout of the blurred rows that they learn from.
        edge_dropout: share of the generated edges left out in training, in [0, 1).
        generated_rate: :math:`\mu`.
        residual_rate: :math:`\omega`.
        batch_size: users in a step of the denoisers, and at once when edges are drawn.

    Views:
        ``ego``: the two tables; ``feature.<name>``: projected features of the items; ``interactions``: of users, as a
        sparse tensor; ``modal.<name>``: :math:`\mathbf z^m`, ``{}`` where the graph has no generated edges.

    Raises:
        ValueError: if items have no modality or a setting is out of range.
    """

    needs_modalities = True
    entangled = "its attention weighs the modalities against each other: without one, the others count otherwise"
    cost = "heavy"
    needs_full_graph = True  # the denoisers read rows over all items
    bound_to_nodes = "its denoisers read rows over the items of training"

    def __init__(
        self,
        graph: HeteroData,
        *,
        emb_dim: int = 64,
        num_layers: int = 1,
        projection: str = "leaky",
        num_generated: int = 1,
        num_steps: int = 5,
        noise_scale: float = 0.1,
        hidden_dim: int = 1000,
        input_dropout: float = 0.5,
        edge_dropout: float = 0.0,
        generated_rate: float = 0.2,
        residual_rate: float = 0.5,
        batch_size: int = 1024,
    ) -> None:
        super().__init__(graph)
        check_choice(projection, name="projection", allowed=PROJECTIONS)
        if not (1 <= num_generated <= self.num_items and batch_size >= 1 and 0 <= edge_dropout < 1):
            raise ValueError(
                f"num_generated={num_generated} must be in 1..{self.num_items}, batch_size={batch_size} at least 1 and "
                f"edge_dropout={edge_dropout} in [0, 1)"
            )
        dims = feature_dims(item_features(graph))
        self.make_tables(emb_dim)
        self.leaky = projection == "leaky"
        self.project = ModalityProjection(dims, emb_dim=emb_dim, bias=not self.leaky)
        self.attention = ModalityAttention(dims)
        make = partial(RowDiffusion, self.num_items, num_steps=num_steps, noise_scale=noise_scale)
        self.denoisers = nn.ModuleDict({name: make(hidden_dim=hidden_dim, dropout=input_dropout) for name in dims})
        self.once = BipartitePropagation(1, self_loops=True)
        self.propagation = BipartitePropagation(num_layers, self_loops=True)
        self.num_generated = num_generated
        self.batch_size = batch_size
        self.edge_dropout = edge_dropout
        self.generated_rate = generated_rate
        self.residual_rate = residual_rate

    def parameter_groups(self) -> dict[str, list[nn.Parameter]]:
        """The denoisers, which step before each epoch, and everything else."""
        return {"denoiser": list(self.denoisers.parameters()), "main": self.parameters_without(self.denoisers)}

    def group_batches(self, graph: HeteroData, group: str, epoch: int) -> Iterator[Triplets] | None:
        """The denoisers see every user once before the epoch's graph is drawn; the rest takes the loader's steps."""
        if group != "denoiser":
            return None
        order = torch.randperm(self.num_users, device=self.user_table.device)
        return (Triplets(users, users[:0], users[:0]) for users in order.split(self.batch_size))

    def training_graph(self, graph: HeteroData, epoch: int) -> HeteroData:
        """Adds the edges that the denoisers guess now, some of them left out."""
        return self._generate(graph, dropout=self.edge_dropout)

    def inference_graph(self, graph: HeteroData) -> HeteroData:
        """Adds the edges that the denoisers guess now."""
        return self._generate(graph, dropout=0.0)

    def _generate(self, graph: HeteroData, *, dropout: float) -> HeteroData:
        generated = graph
        interactions = interaction_coo(graph).to(self.user_table.dtype)
        for name, denoiser in self.denoisers.items():
            assert isinstance(denoiser, RowDiffusion)
            edges = denoiser.best(interactions, self.num_generated, self.batch_size)
            relation = f"{name}_generated"
            generated = add_user_items(generated, edges, relation=relation)
            weigh_with_loops(generated, relation, dropout=dropout)
        return generated

    def forward(self, graph: HeteroData) -> Encoding:
        """Encodes over the interactions and, where the graph has them, the generated edges."""
        ego = self.ego(graph)
        views: dict[str, View] = {"ego": ego, "interactions": {"user": interaction_coo(graph)}}
        modal: list[Sides] = []
        layers = partial(self.propagation.sum, with_ego=True)
        for (name, z), weight in zip(self.project(item_features(graph)).items(), self.attention(), strict=True):
            feature = F.leaky_relu(z, 0.2) if self.leaky else z
            start = Sides(ego.user, F.normalize(feature))
            first = self.once.sum(*start, graph)
            aggregate = add_sides([first, self.once.sum(first.user, ego.item, graph)])
            views[f"feature.{name}"] = {"item": feature}
            views[f"modal.{name}"] = {}
            relation = f"{name}_generated"
            if ("user", relation, "item") in graph.edge_types:
                guessed = looped_round(ego, graph, relation)
                aggregate = add_sides([aggregate, scale_sides(guessed, self.generated_rate)])
                views[f"modal.{name}"] = layers(*looped_round(start, graph, relation), graph)
            modal.append(Sides(weight * aggregate.user, weight * aggregate.item))
        joined = add_sides(modal)
        residual = scale_sides(normalize_sides(joined), self.residual_rate)
        return Encoding(*add_sides([layers(*joined, graph), residual]), views)
