"""Rows for new nodes in a model's tables."""

import copy
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.evaluation.evaluator import evaluation_mode
from mmgraph.extension.fold_in import FoldIn
from mmgraph.extension.linear import LinearMap
from mmgraph.models import Recommender
from mmgraph.nn import FeatureTables, noted_tables
from mmgraph.typing import Encoding

Tables = Mapping[str, str]
"""Names of parameters that have a row for each user or for each item: ``"user"`` or ``"item"`` by name."""


def find_tables(model: Recommender, graph: HeteroData, *, training: bool = False) -> dict[str, str]:
    """Which parameters the model reads by rows of users or of items when it encodes ``graph``.

    Args:
        model: in whatever mode; it is left in that mode.
        graph: a graph that it was made for.
        training: whether it encodes as in training, where some models read tables that ranking does not need; random
            numbers are drawn then.

    Example:
        >>> from mmgraph.datasets import Synthetic
        >>> from mmgraph.models import MFBPR
        >>> graph = Synthetic(num_users=60, num_items=40)[0]
        >>> find_tables(MFBPR(graph), graph)
        {'user_table': 'user', 'item_table': 'item'}
    """
    with torch.no_grad(), evaluation_mode(model), noted_tables() as noted:
        model(model.train().training_graph(graph, 0) if training else model.inference_graph(graph))
    return {name: noted[id(table)] for name, table in model.named_parameters() if id(table) in noted}


def grow_model(
    model: Recommender, tables: Tables, grown: HeteroData, fold_in: FoldIn, vectors: Encoding, unseen: bool
) -> Recommender:
    """A copy of a model with tables that fit a grown graph.

    A table of trained features gets the given ones. In any other, a new row is what ridge regression makes of the
    node's final vector, fitted on the rows of old nodes.

    Args:
        model: stays as it is.
        tables: see :func:`find_tables`.
        grown: the graph with its new nodes.
        fold_in: what was fitted on the old graph.
        vectors: the final vectors of all nodes, as far as they can be inferred.
        unseen: whether old nodes without an interaction in training get new rows, too.
    """
    larger = copy.deepcopy(model)
    larger.num_users = int(grown["user"].num_nodes)
    larger.num_items = int(grown["item"].num_nodes)
    for name, side in tables.items():
        owner, _, key = name.rpartition(".")
        holder = larger.get_submodule(owner)
        table = model.get_parameter(name).detach()
        trained = fold_in.trained[side]
        if isinstance(holder, FeatureTables):
            rows = grown[side][f"x_{key}"].to(table, copy=True)
        else:
            rows = inferred_rows(table, trained, getattr(fold_in, side), getattr(vectors, side))
        kept = trained if unseen else torch.ones_like(trained)
        rows[: kept.numel()][kept] = table[kept.to(table.device)]
        setattr(holder, key, nn.Parameter(rows))
    return larger


def inferred_rows(table: Tensor, trained: Tensor, old: Tensor, vectors: Tensor) -> Tensor:
    """What a table would have for nodes with these final vectors, by ridge regression on its trained rows.

    Args:
        table: a row for each old node.
        trained: which of these rows are trained.
        old: the old nodes' final vectors.
        vectors: those of others.
    """
    found = LinearMap.fit(old[trained], table.detach().cpu().flatten(1)[trained])
    return found(vectors.cpu()).view(-1, *table.shape[1:]).to(table)
