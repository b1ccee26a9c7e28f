"""The training loop, on one screen."""

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import torch
from lightning_fabric import Fabric
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.evaluation import Evaluator
from mmgraph.losses import Objective
from mmgraph.models.base import Recommender
from mmgraph.processes import mean_over_processes
from mmgraph.training.distributed import launch_fabric
from mmgraph.training.epoch_losses import epoch_losses
from mmgraph.training.fit_result import FitResult
from mmgraph.training.log import Log
from mmgraph.training.monitor import check_monitor
from mmgraph.training.optimizers import GroupOptimizers
from mmgraph.training.progress import TrainingProgress
from mmgraph.training.saving import Saving
from mmgraph.training.schedulers import MakeOptimizer, MakeScheduler, check_scheduler
from mmgraph.training.seed import seed_everything
from mmgraph.typing import Loader, Triplets


class Trainer:
    """Trains by epochs, stops early on a validation metric, restores the best weights, resumes where it was killed.

    Args:
        optimizer: gives the optimiser for the model's parameters (``_partial_: true`` in the config).
        group_optimizers: what gives it instead, for parameter groups that need settings of their own.
        scheduler: changes the learning rate of every group's optimiser after each epoch (``_partial_: true`` in the
            config); ``ReduceLROnPlateau`` is shown the monitored metric. None: the rate stays.
        clip: largest L2 norm of the gradient of a group in a step, summed over processes, above 0. None: any.
        max_epochs: epochs at the most.
        patience: evaluations in a row without a better metric after which training ends.
        monitor: the validation metric, unrounded; higher is better.
        seed: every epoch is seeded by it and its number.
        accelerator: ``cpu``, ``cuda``, ``mps`` or ``auto``.
        devices: devices of this machine; more than one needs ``torchrun``.
        precision: ``32-true`` or ``bf16-mixed``.

    Raises:
        ValueError: for a number out of range, a device that is not there or an unknown precision.
    """

    def __init__(
        self,
        *,
        optimizer: MakeOptimizer,
        group_optimizers: Mapping[str, MakeOptimizer] | None = None,
        scheduler: MakeScheduler | None = None,
        clip: float | int | None = None,
        max_epochs: int = 1000,
        patience: int = 20,
        monitor: str = "recall@20",
        seed: int = 0,
        accelerator: str = "auto",
        devices: int = 1,
        precision: str = "32-true",
    ) -> None:
        for name, value in (("max_epochs", max_epochs), ("patience", patience), ("devices", devices)):
            if value < 1:
                raise ValueError(f"trainer.{name} must be at least 1, got {value}")
        if clip is not None and not 0 < clip < math.inf:
            raise ValueError(f"trainer.clip must be above 0 and finite, or null, got {clip}")
        if scheduler:
            check_scheduler(scheduler, optimizer)
        self.scheduler, self.clip = scheduler, clip
        self.optimizer, self.max_epochs, self.patience, self.monitor = optimizer, max_epochs, patience, monitor
        self.seed, self.group_optimizers = seed, group_optimizers
        self.fabric: Fabric = launch_fabric(accelerator=accelerator, devices=devices, precision=precision)

    def fit(
        self,
        model: Recommender,
        objective: Objective,
        graph: HeteroData,
        loader: Loader,
        evaluator: Evaluator,
        *,
        run_dir: Path | None = None,
        logs: Sequence[Log] = (),
    ) -> FitResult:
        """Trains ``model`` on ``graph``, both on the trainer's device, and leaves it with the best weights.

        With a ``run_dir`` every epoch ends with a checkpoint there, and one that is found there is gone on from.

        Raises:
            KeyError: if the evaluator does not compute the monitored metric.
            ValueError: if a loss term is for a parameter group that the model lacks.
            FloatingPointError: if a loss is not finite; names the terms and the epoch.
        """
        check_monitor(self.monitor, evaluator)
        seed_everything(self.seed, 0)
        if model.fit_closed_form(graph):
            return FitResult(None, self._evaluate(model, graph, evaluator), [])
        optimizers = self.make_optimizers(model)
        optimizers.check(objective.groups)
        saving = Saving(self.fabric, run_dir, logs)
        state = saving.resume(model, optimizers)
        quiet = not self.fabric.is_global_zero
        with TrainingProgress(max_epochs=self.max_epochs, monitor=self.monitor, quiet=quiet) as progress:
            while state.next_epoch < self.max_epochs and state.stale_evaluations < self.patience:
                epoch, started = state.next_epoch, time.perf_counter()
                seed_everything(self.seed, epoch)
                losses = self._train_epoch(model, objective, optimizers, graph, loader, epoch, progress)
                trained = time.perf_counter()
                metrics = self._evaluate(model, graph, evaluator)
                seconds = {"seconds": trained - started, "evaluation_seconds": time.perf_counter() - trained}
                best = state.record(losses, metrics, seconds, monitor=self.monitor, model=model)
                optimizers.end_epoch(objective.groups, metrics[self.monitor])
                saving.save(state, model, optimizers)
                progress.epoch(state.history[-1], best=best, idle=objective.idle)
        model.load_state_dict(state.best_weights)
        return FitResult(state.best_epoch, state.best_metrics, state.history)

    def make_optimizers(self, model: Recommender) -> GroupOptimizers:
        """What moves the parameters of ``model``."""
        groups = self.group_optimizers
        return GroupOptimizers(model, self.optimizer, groups, scheduler=self.scheduler, clip=self.clip)

    def _train_epoch(
        self,
        model: Recommender,
        objective: Objective,
        optimizers: GroupOptimizers,
        graph: HeteroData,
        loader: Loader,
        epoch: int,
        progress: TrainingProgress,
    ) -> dict[str, float]:
        model.train()
        active = [group for group in optimizers if group in objective.groups]
        alone = {group: model.group_batches(graph, group, epoch) for group in active}
        losses: dict[str, float] = {}
        for group, batches in alone.items():
            if batches is not None:
                own_steps = ((graph, batch) for batch in batches)
                losses |= self._steps(model, objective, optimizers, [group], own_steps, epoch)
        with torch.no_grad():
            epoch_graph = model.training_graph(graph, epoch)
        together = [group for group in active if alone[group] is None]
        steps = progress.steps(loader.epoch(epoch_graph, epoch), epoch=epoch, total=len(loader))
        return losses | self._steps(model, objective, optimizers, together, steps, epoch)

    def _steps(
        self,
        model: Recommender,
        objective: Objective,
        optimizers: GroupOptimizers,
        groups: Sequence[str],
        steps: Iterable[tuple[HeteroData, Triplets]],
        epoch: int,
    ) -> dict[str, float]:
        values: list[Tensor] = []
        names: list[str] = []
        for subgraph, batch in steps:
            with self.fabric.autocast():
                encoding = model(subgraph)
            found: dict[str, Tensor] = {}
            for group in groups:
                losses = objective(model, encoding, batch, group=group)
                optimizers.step(group, torch.stack(list(losses.values())).sum(), self.fabric)
                found |= losses
            names = list(found)
            values.append(torch.stack([loss.detach() for loss in found.values()]))
        return epoch_losses(names, mean_over_processes(torch.stack(values)), epoch)

    def _evaluate(self, model: Recommender, graph: HeteroData, evaluator: Evaluator) -> dict[str, float]:
        with torch.no_grad():
            return evaluator(model, model.inference_graph(graph), "val").metrics
