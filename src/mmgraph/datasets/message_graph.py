"""The part of a data set that models, transforms and loaders may see."""

import copy

from torch_geometric.data import HeteroData

from mmgraph.typing import check_kind


def message_graph(data: HeteroData) -> HeteroData:
    """Returns the same stores without validation and test edges; tensors are shared, not copied.

    Adding to or removing from the result leaves ``data`` as it is.

    Raises:
        TypeError: if ``data`` is no ``HeteroData``.

    Example:
        >>> from mmgraph.datasets import Synthetic
        >>> data = Synthetic()[0]
        >>> "test_edge_label_index" in data["user", "interacts", "item"]
        True
        >>> list(message_graph(data)["user", "interacts", "item"].keys())
        ['edge_index']
    """
    check_kind("data", data, HeteroData, "of a data set: dataset[0]")
    graph = copy.copy(data)
    for store in graph.stores:
        for key in [key for key in store.keys() if "edge_label" in key]:  # noqa: SIM118 (a store is no mapping)
            del store[key]
    return graph
