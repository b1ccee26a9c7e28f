"""What a training works with, divided among the processes of a job by rows of users and items."""

from typing import NamedTuple

from torch_geometric.data import HeteroData

from mmgraph import models
from mmgraph.evaluation import Evaluator
from mmgraph.evaluation.divided import DividedEvaluator
from mmgraph.loader import SampledGraphLoader, StreamedLoader
from mmgraph.losses import Objective
from mmgraph.models.base import Recommender
from mmgraph.nn import check_in_memory
from mmgraph.processes.partition import DividedRows, is_divided
from mmgraph.transforms import own_part
from mmgraph.typing import Loader

_INSTEAD = "trainer.shard=true divides parameters and moments between steps, for every model"


class Divided(NamedTuple):
    """One process's part of what :meth:`mmgraph.Trainer.fit` is given."""

    graph: HeteroData
    loader: Loader
    evaluator: Evaluator


def divide(
    model: Recommender, objective: Objective, graph: HeteroData, loader: Loader, evaluator: Evaluator
) -> Divided:
    """This process's part of graph, loader and evaluator, with ``trainer.partition=true``.

    A loader that holds all interactions (:class:`~mmgraph.loader.FullGraphLoader`) stays whole, and so does the memory
    that it takes; :class:`~mmgraph.loader.StreamedLoader` is divided, and :class:`~mmgraph.loader.SampledGraphLoader`
    samples from this process's part.

    Args:
        model: what is trained.
        objective: the loss terms.
        graph: the message graph, the same in all processes, which stays as it is.
        loader: made for all of it.
        evaluator: likewise.

    Raises:
        ValueError: for a model, a loss, a loader or a metric that cannot be computed so; says what can.
    """
    check_model(model, objective)
    check_in_memory(graph, "trainer.partition=true")
    part = own_part(graph)
    rows = rows_of(part)
    own_loader = loader.of_users(rows["user"]) if isinstance(loader, StreamedLoader | SampledGraphLoader) else loader
    return Divided(part, own_loader, DividedEvaluator(evaluator, rows["user"], rows["item"]))


def rows_of(graph: HeteroData) -> dict[str, DividedRows]:
    """Which process has which rows, by kind of node."""
    return {kind: graph[kind].rows for kind in graph.node_types}


def check_model(model: Recommender, objective: Objective) -> None:
    """Refuses what would read rows that other processes have.

    Raises:
        ValueError: names the model or the loss terms, and what to do.
    """
    if not model.divides_by_rows:
        raise ValueError(
            f"trainer.partition=true: {type(model).__name__} does not say that it can be trained where each process "
            f"has only some rows of users and items (divides_by_rows), as {', '.join(_that_divide())} do; {_INSTEAD}"
        )
    if objective.needs_all_rows:
        wide = [name for name, term in objective.terms.items() if term.needs_all_rows]
        raise ValueError(
            f"trainer.partition=true: the loss terms {wide} read the vectors of more nodes than a batch has, and no "
            f"process has them all; leave them out by loss.terms.<name>.weight=0, or: {_INSTEAD}"
        )


def _that_divide() -> list[str]:
    """Names of the models that say so."""
    return [name for name in models.__all__ if getattr(getattr(models, name), "divides_by_rows", False)]


def check_divided(
    model: Recommender, objective: Objective, graph: HeteroData, loader: Loader | None, evaluator: Evaluator
) -> None:
    """Refuses to train on what is not divided.

    Raises:
        ValueError: says how it is.
    """
    check_model(model, objective)
    whole = loader is None or isinstance(loader, SampledGraphLoader)
    if whole or not is_divided(graph) or not isinstance(evaluator, DividedEvaluator):
        raise ValueError(
            "trainer.partition=true trains on what mmgraph.training.divide(model, objective, graph, loader, evaluator) "
            "gives each process"
        )
