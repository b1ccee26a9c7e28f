"""What moves a model: its objective, its optimisers, and the steps of an epoch."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from lightning_fabric import Fabric
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.loader import own_nodes
from mmgraph.losses import Objective
from mmgraph.models.base import Recommender
from mmgraph.processes.divided import mean_over_processes
from mmgraph.processes.divided_tables import DividedTables
from mmgraph.processes.replicas import Replicas
from mmgraph.training.batch_rows import batch_rows
from mmgraph.training.divided_reading import DividedReading, is_sample
from mmgraph.training.epoch_losses import epoch_losses
from mmgraph.training.lazy_table import SHARE
from mmgraph.training.optimizers import GroupOptimizers
from mmgraph.training.progress import TrainingProgress
from mmgraph.typing import Loader, Triplets


class TrainingStep:
    """Moves a model down the gradient of an objective, one parameter group after the other.

    Args:
        model: what is trained.
        objective: the loss terms.
        optimizers: of the model's parameter groups.
        fabric: precision, and what adds gradients up over processes.
        held: how the processes hold the parameters; by default each all of them.

    Raises:
        ValueError: if a loss term is for a parameter group that the model lacks.
    """

    def __init__(
        self,
        model: Recommender,
        objective: Objective,
        optimizers: GroupOptimizers,
        fabric: Fabric,
        held: Replicas | None = None,
    ) -> None:
        optimizers.check(objective.groups)
        self.model = model
        self.objective = objective
        self.optimizers = optimizers
        self.fabric = fabric
        self.held = held or Replicas()

    def epoch(self, graph: HeteroData, loader: Loader, epoch: int, progress: TrainingProgress) -> dict[str, float]:
        """Takes all steps of one epoch: those that a group takes by itself, then those that the others take together.

        Returns:
            The mean of each loss term over its steps, by name.

        Raises:
            FloatingPointError: if a loss is not finite; names the terms and the epoch.
        """
        self.model.train()
        active = [group for group in self.optimizers if group in self.objective.groups]
        alone = {group: self.model.group_batches(graph, group, epoch) for group in active}
        losses: dict[str, float] = {}
        for group, batches in alone.items():
            if batches is not None:
                losses |= self._steps([group], ((graph, batch) for batch in batches), epoch)
        with torch.no_grad(), self.held.whole():
            epoch_graph = self.model.training_graph(graph, epoch)
        together = [group for group in active if alone[group] is None]
        steps = progress.steps(loader.epoch(epoch_graph, epoch), epoch=epoch, total=len(loader))
        return losses | self._steps(together, steps, epoch)

    def _steps(
        self, groups: Sequence[str], steps: Iterable[tuple[HeteroData, Triplets]], epoch: int
    ) -> dict[str, float]:
        values: list[Tensor] = []
        names: list[str] = []
        for graph, batch in steps:
            losses = self(graph, batch, groups)
            names = list(losses)
            values.append(torch.stack(list(losses.values())))
        self.optimizers.rows.catch_up()
        return epoch_losses(names, mean_over_processes(torch.stack(values)), epoch)

    def __call__(self, graph: HeteroData, batch: Triplets, groups: Sequence[str]) -> dict[str, Tensor]:
        """Takes one step with each of ``groups``, in this order; returns their weighted terms without gradients."""
        divided = isinstance(self.held, DividedTables)
        sampled = batch.nodes is not None or (divided and is_sample(graph))
        if not divided and self._reads_few_rows(batch):
            graph, batch = own_nodes(batch, graph)
        elif self.optimizers.rows.lazy is True and not sampled:
            raise ValueError(
                f"trainer.lazy_rows=true moves the rows that a step reads; a step of {type(self.model).__name__} on "
                "the full graph reads all of them; take loader=neighbor, or leave it at auto"
            )
        found: dict[str, Tensor] = {}
        with self.held.whole(), self._reading(graph):
            with self.fabric.autocast():
                encoding = self.model(graph)
            if isinstance(self.held, DividedTables):
                encoding, batch = batch_rows(encoding, batch, self.held.rows, sampled=sampled)
            for group in groups:
                losses = self.objective(self.model, encoding, batch, group=group)
                self.optimizers.step(group, torch.stack(list(losses.values())).sum(), self.fabric, self.held)
                found |= {name: loss.detach() for name, loss in losses.items()}
                if group != groups[-1]:
                    self.held.refresh(self.optimizers.parameters[group])
        return found

    def _reading(self, graph: HeteroData) -> AbstractContextManager[None]:
        """How the model reads its tables in a step."""
        rows = self.optimizers.rows
        if not isinstance(self.held, DividedTables):
            return rows.reading()
        return rows.reading(DividedReading(self.held, rows, graph)) if is_sample(graph) else nullcontext()

    def _reads_few_rows(self, batch: Triplets) -> bool:
        """Whether, of the whole graph, nothing is read but the batch's own nodes, and to take these alone pays.

        It does where they are few, so that their rows are moved alone, or where features of all items are projected.
        """
        if batch.nodes is not None or self.model.num_hops != 0 or self.objective.needs_all_rows:
            return False
        items = batch.pos_item.numel() + batch.neg_item.numel()
        if self.model.projects_features and items <= self.model.num_items:
            return True
        few = SHARE * (self.model.num_users + self.model.num_items)
        rows = self.optimizers.rows
        return bool(rows) and (rows.lazy is True or batch.user.numel() + items <= few)
