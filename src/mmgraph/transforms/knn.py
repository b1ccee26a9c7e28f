"""Item-item graphs: every item and the items that look, read or sound most like it."""

from collections.abc import Mapping, Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch_geometric.data import HeteroData
from torch_geometric.data.storage import NodeStorage
from torch_geometric.utils import coalesce

from mmgraph.transforms.base import GraphTransform
from mmgraph.transforms.nearest import nearest_rows

Graph = tuple[Tensor, Tensor]
WEIGHTS = ("cosine", "sym", "uniform")
PUBLISHED = {"image": 0.1, "text": 0.9}  # FREEDOM, DRAGON and RedND


def knn_graph(
    x: Float[Tensor, "items dim"],
    k: int,
    *,
    weight: str = "cosine",
    self_loops: bool = True,
    has_feature: Bool[Tensor, " items"] | None = None,
    chunk_size: int = 512,
    recall: float | None = None,
) -> tuple[Int[Tensor, "2 edges"], Float[Tensor, " edges"]]:
    r"""Directed graph from the k most similar items j to each item i, by cosine (LATTICE, MM 2021; RedND Eq. 4-5).

    .. math:: s_{ij} = \frac{\mathbf x_i^\top \mathbf x_j}{\|\mathbf x_i\| \|\mathbf x_j\|}, \qquad
              S_{ij} = s_{ij}\ (\text{cosine}),\ \frac{s_{ij}}{\sqrt{d_i d_j}}\ (\text{sym})\ \text{or}\
              \frac 1k\ (\text{uniform}), \quad j \in \text{top-}k(s_{i\cdot}),\ d_i = \sum_j s_{ij}

    Rows are ranked in chunks: no items x items matrix is ever held.

    Args:
        x: features.
        k: neighbours of each item, the item itself counted where ``self_loops`` (its similarity is 1).
        weight: ``cosine``; ``sym``: cosines over the root of both items' sums of them (LATTICE, MGCN; 0 where a sum
            is not above 0); ``uniform``: binary edges, divided by the row's number of neighbours.
        self_loops: whether an item may be its own neighbour.
        has_feature: items that have the feature; the others get no edges. All by default.
        chunk_size: rows ranked at once.
        recall: share of the true neighbours that an approximate search must find; None: exact
            (:func:`~mmgraph.transforms.nearest_rows`).

    Returns:
        ``edge_index`` (2, E), neighbour j over item i, sorted by i and then by falling similarity, and ``edge_weight``.

    Raises:
        ValueError: if ``k`` is not between 1 and the number of items that can be neighbours, or ``weight`` is unknown.

    Example:
        >>> x = torch.tensor([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]])
        >>> knn_graph(x, 2)
        (tensor([[0, 1, 1, 0, 2, 1],
                [0, 0, 1, 1, 2, 2]]), tensor([1.0000, 0.8000, 1.0000, 0.8000, 1.0000, 0.6000]))
    """
    items = torch.arange(x.size(0), device=x.device) if has_feature is None else has_feature.nonzero().flatten()
    most = items.numel() - (0 if self_loops else 1)
    if not 1 <= k <= most:
        raise ValueError(f"k must be between 1 and {most} (items with this feature that can be neighbours), got {k}")
    if weight not in WEIGHTS:
        raise ValueError(f"weight must be one of {WEIGHTS}, got {weight!r}")
    z = F.normalize(x.index_select(0, items), dim=-1)
    similarity, neighbor = nearest_rows(z, k, self_loops=self_loops, chunk_size=chunk_size, recall=recall)
    target = items.repeat_interleave(k)
    if weight == "sym":
        total = similarity.sum(dim=1)
        scale = torch.where(total > 0, total.rsqrt(), 0.0)
        similarity = similarity * scale.unsqueeze(1) * scale[neighbor]
    edge_weight = torch.full_like(similarity, 1.0 / k) if weight == "uniform" else similarity
    return torch.stack([items[neighbor.flatten()], target]), edge_weight.flatten()


def modality_names(items: NodeStorage) -> list[str]:
    """Names of the features that a store holds, ``x_<name>`` each.

    >>> modality_names(HeteroData(item={"x_text": torch.eye(2), "num_nodes": 2})["item"])
    ['text']
    """
    return [key.removeprefix("x_") for key in dict(items) if key.startswith("x_")]


def modality_weights(names: Sequence[str], weights: Mapping[str, float] | str | None) -> dict[str, float]:
    """Weights of the modalities: as given; .1 and .9 if "published" and these are image and text; else equal.

    Raises:
        ValueError: if ``weights`` does not name exactly the modalities in ``names``, or is another word.

    >>> modality_weights(["image", "text"], "published"), modality_weights(["image", "audio"], "published")
    ({'image': 0.1, 'text': 0.9}, {'image': 0.5, 'audio': 0.5})
    >>> modality_weights(["image", "text"], None), modality_weights(["text"], {"text": 0.9})
    ({'image': 0.5, 'text': 0.5}, {'text': 0.9})
    """
    if isinstance(weights, str):
        if weights != "published":
            raise ValueError(
                f"weights={weights!r} must be 'published', or a number for each modality, or null for equal ones"
            )
        weights = PUBLISHED if set(names) == set(PUBLISHED) else None
    if weights is None:
        return {name: 1.0 / len(names) for name in names}
    if set(weights) != set(names):
        raise ValueError(
            f"weights must name every modality once: the items have {sorted(names)}, got {sorted(weights)}; "
            "leave it null for equal weights"
        )
    return {name: float(weights[name]) for name in names}


def merge_graphs(graphs: Mapping[str, Graph], weights: Mapping[str, float]) -> Graph:
    r"""Weighted sum of graphs over the same nodes, :math:`S = \sum_m \alpha_m S^m` (RedND Eq. 6, FREEDOM Eq. 3).

    >>> edges = torch.tensor([[0, 1], [0, 0]])
    >>> merge_graphs({"a": (edges, torch.ones(2)), "b": (edges[:, :1], torch.ones(1))}, {"a": 0.25, "b": 0.75})
    (tensor([[0, 1],
            [0, 0]]), tensor([1.0000, 0.2500]))
    """
    edge_index = torch.cat([graphs[name][0] for name in graphs], dim=1)
    edge_weight = torch.cat([graphs[name][1] * weights[name] for name in graphs])
    return coalesce(edge_index, edge_weight, sort_by_row=False)


class KNNGraph(GraphTransform):
    r"""Adds ``("item", "<modality>_knn", "item")`` for every modality, or one merged ``("item", "similar", "item")``.

    Args:
        k: neighbours of each item, see :func:`knn_graph`.
        modalities: names of those to use; all that the items have by default.
        weight: ``cosine``, ``sym`` or ``uniform``, see :func:`knn_graph`.
        self_loops: whether an item may be its own neighbour.
        merge: whether the modalities' graphs are summed into one.
        merge_weights: weight of each modality in the sum; equal by default. "published": .1 for image and .9 for text
            where these are the modalities, else equal.
        chunk_size: rows ranked at once.
        recall: of an approximate search, see :func:`knn_graph`; exact by default.

    Raises:
        ValueError: if an item has no modality, a name is unknown, or ``k`` is out of range.

    Example:
        >>> data = HeteroData(item={"x_text": torch.eye(4)})
        >>> KNNGraph(k=1)(data)["item", "text_knn", "item"].edge_index
        tensor([[0, 1, 2, 3],
                [0, 1, 2, 3]])
    """

    def __init__(
        self,
        *,
        k: int = 10,
        modalities: Sequence[str] | None = None,
        weight: str = "cosine",
        self_loops: bool = True,
        merge: bool = False,
        merge_weights: Mapping[str, float] | str | None = None,
        chunk_size: int = 512,
        recall: float | None = None,
    ) -> None:
        self.k = k
        self.modalities = modalities
        self.weight = weight
        self.self_loops = self_loops
        self.merge = merge
        self.merge_weights = merge_weights
        self.chunk_size = chunk_size
        self.recall = recall

    def forward(self, data: HeteroData) -> HeteroData:
        """Adds the edges to ``data``."""
        graphs = {name: self._graph(data["item"], name) for name in self._names(data)}
        if self.merge:
            weights = modality_weights(list(graphs), self.merge_weights)
            graphs = {"similar": merge_graphs(graphs, weights)}
        for name, (edge_index, edge_weight) in graphs.items():
            store = data["item", name if self.merge else f"{name}_knn", "item"]
            store.edge_index = edge_index
            store.edge_weight = edge_weight
        return data

    def _names(self, data: HeteroData) -> list[str]:
        present = modality_names(data["item"])
        unknown = sorted(set(self.modalities or ()) - set(present))
        if unknown or not present:
            raise ValueError(f"modalities {unknown or 'of any name'} not found: the items have {present} (x_<name>)")
        return [name for name in present if self.modalities is None or name in self.modalities]

    def _graph(self, store: NodeStorage, name: str) -> Graph:
        return knn_graph(
            store[f"x_{name}"],
            self.k,
            weight=self.weight,
            self_loops=self.self_loops,
            has_feature=dict(store).get(f"has_{name}"),
            chunk_size=self.chunk_size,
            recall=self.recall,
        )
