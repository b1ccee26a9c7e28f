"""A run whose graph several processes divide: what each keeps of it, and what the first puts together at the end."""

from omegaconf import DictConfig
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.datasets.base import InteractionDataset
from mmgraph.pipeline.parts import Parts, dataset_of
from mmgraph.pipeline.recommend import encode
from mmgraph.pipeline.serving import Serving
from mmgraph.processes.partition import DividedRows, received_rows
from mmgraph.training import divide
from mmgraph.training.dividing import rows_of
from mmgraph.typing import Encoding


def divide_parts(parts: Parts) -> None:
    """Leaves this process its part of graph, loader and evaluator, and nothing of the data set but its name and hash.

    Raises:
        ValueError: for what cannot be trained so; says what can.
    """
    parts.graph, parts.loader, parts.evaluator = divide(
        parts.model, parts.objective, parts.graph, parts.loader, parts.evaluator
    )
    parts.dataset = InteractionDataset(parts.dataset.name, HeteroData(), parts.dataset.split_hash)


def put_together(cfg: DictConfig, parts: Parts, dataset: InteractionDataset | None) -> Serving | None:
    """What recommending needs of all users and items, in the first process; None in the others.

    The data are read again where they lie in files: while the run trained nobody held them.

    Args:
        cfg: the configuration.
        parts: with the best weights.
        dataset: the data where the caller has them, without the configuration's control.

    Raises:
        ConnectionError: if another process is gone; explains how to go on.
    """
    own = encode(parts.model, parts.graph)
    rows = rows_of(parts.graph)
    user = _at_the_first(own.user, rows["user"])
    item = _at_the_first(own.item, rows["item"])
    if user is None or item is None:
        return None
    whole, _ = dataset_of(cfg, dataset)
    return Serving.of(parts.model, Encoding(user, item), whole)


def _at_the_first(own: Tensor, rows: DividedRows) -> Tensor | None:
    whole = own.new_empty(rows.count, own.size(1)) if rows.rank == 0 else None
    for block, part in received_rows(own, rows):
        if whole is not None:
            whole[block.start : block.stop] = part
    return whole
