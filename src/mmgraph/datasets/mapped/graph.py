"""A graph whose train interactions lie in files."""

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.datasets.mapped.kept import MappedInteractions
from mmgraph.nn import BY_TARGET, EdgeRows
from mmgraph.typing import INTERACTS, PARTS, REV_INTERACTS


def mapped_graph(found: MappedInteractions) -> HeteroData:
    """The graph of a data set without features, as :func:`~mmgraph.datasets.base.hetero_data` makes it in memory.

    In place of ``edge_index`` the two edge types have :class:`~mmgraph.nn.EdgeRows`, by items and by users.
    """
    sizes = found.sizes
    data = HeteroData(user={"num_nodes": sizes.num_users}, item={"num_nodes": sizes.num_items})
    for edge_type, rows in ((INTERACTS, found.by_item), (REV_INTERACTS, found.by_user)):
        data[edge_type][BY_TARGET] = rows
        data[edge_type[2]].degree = _degree(rows)
    for node_type, first, count in (
        ("user", sizes.first_user, sizes.num_users), ("item", sizes.first_item, sizes.num_items),
    ):  # fmt: skip
        if first:
            data[node_type].raw_id = torch.arange(first, first + count)
    for part, pairs in found.held_out.items():
        data[INTERACTS][PARTS[part]] = pairs
    return data


def _degree(rows: EdgeRows) -> Tensor:
    return rows.degree().float()
