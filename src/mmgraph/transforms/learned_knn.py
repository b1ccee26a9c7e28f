"""Item-item graphs by vectors that a model learns: drawn anew as they change."""

import copy
from collections.abc import Mapping

from jaxtyping import Float
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.transforms.knn import knn_graph


def add_learned_knn(
    data: HeteroData, x_dict: Mapping[str, Float[Tensor, "items _"]], k: int, *, chunk_size: int = 512
) -> HeteroData:
    """A new graph with ``("item", "<name>_learned", "item")``: the k items whose vectors are most like each item's.

    Which items these are is all that is written: the edges have no weight, for that is the model's to learn
    (:class:`mmgraph.nn.LatentGraphConv`). Neighbours that ``data`` held before are replaced; ``data`` stays as it is.

    Args:
        data: the graph to add to; items whose ``has_<name>`` is False get no edges.
        x_dict: vectors of the items by modality.
        k: neighbours of each item, itself among them.
        chunk_size: rows ranked at once; see :func:`knn_graph`.

    Raises:
        ValueError: if ``k`` is not between 1 and the number of items that can be neighbours.

    Example:
        >>> import torch
        >>> graph = add_learned_knn(HeteroData(item={"num_nodes": 3}), {"text": torch.eye(3)}, 1)
        >>> graph["item", "text_learned", "item"].edge_index
        tensor([[0, 1, 2],
                [0, 1, 2]])
    """
    learned = copy.copy(data)
    for name, x in x_dict.items():
        has_feature = dict(data["item"]).get(f"has_{name}")
        learned["item", f"{name}_learned", "item"].edge_index, _ = knn_graph(
            x.detach(), k, has_feature=has_feature, chunk_size=chunk_size
        )
    return learned
