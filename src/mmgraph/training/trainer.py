"""The training loop, on one screen."""

import copy
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import torch
from lightning_fabric import Fabric
from torch_geometric.data import HeteroData

from mmgraph.evaluation import Evaluation, Evaluator
from mmgraph.loader import FullGraphLoader
from mmgraph.losses import Objective
from mmgraph.models.base import Recommender
from mmgraph.nn import FeatureTables
from mmgraph.processes.divided_tables import DividedTables
from mmgraph.processes.fabric import launch_fabric
from mmgraph.processes.replicas import Replicas
from mmgraph.processes.shards import Shards
from mmgraph.representation import settings_text
from mmgraph.training.arguments import check_numbers
from mmgraph.training.checkpoint import Row
from mmgraph.training.dividing import check_divided, rows_of
from mmgraph.training.fit_result import FitResult
from mmgraph.training.lazy_rows import Lazy
from mmgraph.training.log import Log
from mmgraph.training.monitor import check_monitor
from mmgraph.training.optimizers import GroupOptimizers, check_optimizer
from mmgraph.training.progress import TrainingProgress
from mmgraph.training.saving import Saving
from mmgraph.training.schedulers import MakeOptimizer, MakeScheduler, check_scheduler, described
from mmgraph.training.seed import generators_kept, seed_everything
from mmgraph.training.sharded_checkpoint import check_shards
from mmgraph.training.step import TrainingStep
from mmgraph.typing import Loader, check_kind

OnEvaluation = Callable[[Sequence[Row]], None]
"""What is called with the history of a run when it has been evaluated; an exception ends the training."""


class Trainer:
    """Trains by epochs, stops early on a validation metric, restores the best weights, resumes where it was killed.

    Args:
        optimizer: gives the optimiser for the model's parameters (``_partial_: true`` in the config); by default Adam.
        lr: learning rate of that Adam, 1e-3 by default; an ``optimizer`` that is given brings its own.
        group_optimizers: what gives it instead, for parameter groups that need settings of their own.
        scheduler: changes the learning rate of every group's optimiser after each epoch (``_partial_: true`` in the
            config); ``ReduceLROnPlateau`` is shown the monitored metric, when there is one. None: the rate stays.
        clip: largest L2 norm of the gradient of a group in a step, summed over processes, above 0. None: any.
        lazy_rows: whether a row of a table moves when a batch meets it, by all that Adam would have done to it
            meanwhile, and all rows before the model is ranked: "auto" where a step sees few of the rows, True wherever
            it sees less than the whole graph, False nowhere. Needs Adam without weight decay, and one process or
            ``partition``, with which "auto" is True in a sampled step.
        max_epochs: epochs at the most.
        patience: evaluations in a row without a better metric after which training ends.
        evaluate_every: epochs from one evaluation to the next; the last epoch is always evaluated.
        monitor: the validation metric, unrounded; higher is better.
        seed: every epoch is seeded by it and its number.
        accelerator: ``cpu``, ``cuda``, ``mps`` or ``auto``.
        devices: devices of this machine; more than one needs ``torchrun``.
        shard: whether several processes divide the rows of parameters, gradients and moments among them, each keeping
            its own between steps; else each has all of them.
        partition: whether several processes divide the graph and all that has a row for each node: each keeps, and in
            a step has, its own rows of tables, moments and features and the edges at these. What :meth:`fit` is given
            must be divided (:func:`mmgraph.training.divide`).
        precision: ``32-true`` or ``bf16-mixed``.
        verbose: whether a line for each epoch is printed.

    Raises:
        ValueError: for a number out of range, an optimiser that cannot train, a device that is not there, an unknown
            precision, or two ways to divide.
    """

    def __init__(
        self,
        *,
        optimizer: MakeOptimizer | None = None,
        lr: float | None = None,
        group_optimizers: Mapping[str, MakeOptimizer] | None = None,
        scheduler: MakeScheduler | None = None,
        clip: float | None = None,
        lazy_rows: Lazy = "auto",
        max_epochs: int = 1000,
        patience: int = 20,
        evaluate_every: int = 1,
        monitor: str = "recall@20",
        seed: int = 0,
        accelerator: str = "auto",
        devices: int = 1,
        shard: bool = False,
        partition: bool = False,
        precision: str = "32-true",
        verbose: bool = True,
    ) -> None:
        counts = {"max_epochs": max_epochs, "patience": patience, "evaluate_every": evaluate_every, "devices": devices}
        check_numbers(lr=lr, clip=clip, seed=seed, **counts)
        self.optimizer = _make_adam(lr) if optimizer is None else optimizer
        if optimizer is not None and lr is not None:
            raise ValueError(f"trainer.lr={lr}: the optimizer that is given has a learning rate of its own")
        check_optimizer(self.optimizer, "trainer.optimizer")
        for name, make in (group_optimizers or {}).items():
            check_optimizer(make, f"trainer.group_optimizers.{name}")
        if scheduler:
            check_scheduler(scheduler, self.optimizer)
        self.group_optimizers = group_optimizers
        self.scheduler = scheduler
        self.clip = clip
        self.lazy_rows = lazy_rows
        self.max_epochs = max_epochs
        self.patience = patience
        self.evaluate_every = evaluate_every
        self.monitor = monitor
        self.seed = seed
        if shard and partition:
            raise ValueError(
                "trainer.shard=true and trainer.partition=true are two ways to divide the same tables: leave one out"
            )
        self.shard = shard
        self.partition = partition
        self.verbose = verbose
        self.fabric: Fabric = launch_fabric(accelerator=accelerator, devices=devices, precision=precision)

    def __repr__(self) -> str:
        """How it trains, and where."""
        makers = {"optimizer": self.optimizer, "scheduler": self.scheduler, **(self.group_optimizers or {})}
        made = ", ".join(f"{name}={described(make)}" for name, make in makers.items() if make is not None)
        return f"{type(self).__name__}({made}, {settings_text(self)}, device={self.fabric.device})"

    def fit(
        self,
        model: Recommender,
        objective: Objective,
        graph: HeteroData,
        loader: Loader | None = None,
        *,
        evaluator: Evaluator,
        run_dir: str | Path | None = None,
        logs: Sequence[Log] = (),
        on_evaluation: OnEvaluation | None = None,
    ) -> FitResult:
        """Trains ``model`` on the trainer's device, and leaves it there with the best weights and no gradients.

        With a ``run_dir`` every epoch ends with a checkpoint there, and one that is found there is gone on from. The
        generators of Python, NumPy and torch, which each epoch seeds, are left as they were found.

        Args:
            model: what is trained.
            objective: the loss terms.
            graph: the message graph, without labels.
            loader: gives the steps of an epoch; by default each sees the whole graph and 2,048 triplets.
            evaluator: ranks the validation split; while the model trains a sample of its users, if it has one.
            run_dir: the run's folder; None: nothing is written.
            logs: where the history goes, in ``run_dir``.
            on_evaluation: called with the history after each evaluation, and when a run goes on; what it raises ends
                the training, which can be gone on with.

        Raises:
            TypeError: if an argument is of another kind.
            ValueError: if the evaluator does not compute the monitored metric, or a loss term is for a parameter group
                that the model lacks.
            FloatingPointError: if a loss is not finite; names the terms and the epoch.
        """
        check_kind("model", model, Recommender, "such as mmgraph.LightGCN(graph)")
        check_kind("objective", objective, Objective, "of named terms: mmgraph.Objective(bpr=mmgraph.BPR())")
        check_kind("graph", graph, HeteroData, "of a data set: mmgraph.message_graph(dataset[0])")
        check_kind("evaluator", evaluator, Evaluator, "of a data set: mmgraph.Evaluator(dataset[0])")
        check_monitor(self.monitor, evaluator)
        model = model.to(self.fabric.device)
        graph = copy.copy(graph).to(self.fabric.device)
        if self.divides:
            check_divided(model, objective, graph, loader, evaluator)
        loader = FullGraphLoader(graph, model=model) if loader is None else loader
        with generators_kept():
            seed_everything(self.seed, 0)
            if model.fit_closed_form(graph):
                ranked = self._evaluate(model, graph, evaluator, sampled=False)
                return FitResult(None, ranked.metrics, [], ranked=ranked)
            held = self._held(model, graph)
            step = TrainingStep(model, objective, self.make_optimizers(model), self.fabric, held)
            with Saving(self.fabric, None if run_dir is None else Path(run_dir), logs, held) as saving:
                return self._fit(step, graph, loader, evaluator, saving, on_evaluation or _go_on)

    def _fit(
        self,
        step: TrainingStep,
        graph: HeteroData,
        loader: Loader,
        evaluator: Evaluator,
        saving: Saving,
        on_evaluation: OnEvaluation,
    ) -> FitResult:
        model = step.model
        state = saving.resume(model, step.optimizers)
        on_evaluation(state.history)
        quiet = not self.verbose or not self.fabric.is_global_zero
        with TrainingProgress(max_epochs=self.max_epochs, monitor=self.monitor, quiet=quiet) as progress:
            while state.next_epoch < self.max_epochs and state.stale_evaluations < self.patience:
                epoch = state.next_epoch
                started = time.perf_counter()
                seed_everything(self.seed, epoch)
                losses = step.epoch(graph, loader, epoch, progress)
                trained = time.perf_counter()
                seconds = {"seconds": trained - started}
                metrics: dict[str, float] = {}
                if self._is_evaluated(epoch):
                    ranking = progress.ranking(evaluator.num_users("val", sampled=True) // self.fabric.world_size)
                    with step.held.whole():
                        found = self._evaluate(model, graph, evaluator, sampled=True, on_ranked=ranking)
                    metrics = found.metrics
                    seconds["evaluation_seconds"] = time.perf_counter() - trained
                best = state.record(losses, metrics, seconds, monitor=self.monitor, model=model)
                step.optimizers.end_epoch(step.objective.groups, metrics.get(self.monitor))
                saving.save(state, model, step.optimizers)
                progress.epoch(state.history[-1], best=best, idle=step.objective.idle)
                if metrics:
                    on_evaluation(state.history)
        model.load_state_dict(state.best_weights)
        model.zero_grad()  # as large as the weights, and nobody's any more
        step.held.put_together()
        if not evaluator.is_sampled("val"):
            return FitResult(state.best_epoch, state.best_metrics, state.history)
        ranked = self._evaluate(model, graph, evaluator, sampled=False)
        return FitResult(state.best_epoch, ranked.metrics, state.history, sampled=state.best_metrics, ranked=ranked)

    def _is_evaluated(self, epoch: int) -> bool:
        return (epoch + 1) % self.evaluate_every == 0 or epoch + 1 == self.max_epochs

    @property
    def divides(self) -> bool:
        """Whether each of its processes has a part of the graph."""
        return self.partition and self.fabric.world_size > 1

    def _held(self, model: Recommender, graph: HeteroData) -> Replicas:
        if self.fabric.world_size == 1 or not (self.shard or self.partition):
            return Replicas()
        check_shards()
        if self.shard:
            return Shards(model, self.fabric.device.type)
        for part in model.modules():
            if isinstance(part, FeatureTables):
                part.forget_given()
        return DividedTables(model, self.fabric.device.type, model.node_tables(), rows_of(graph))

    def make_optimizers(self, model: Recommender) -> GroupOptimizers:
        """What moves the parameters of ``model``."""
        groups = self.group_optimizers
        lazy = self._lazy_rows()
        return GroupOptimizers(model, self.optimizer, groups, scheduler=self.scheduler, clip=self.clip, lazy_rows=lazy)

    def _lazy_rows(self) -> Lazy:
        if self.fabric.world_size == 1 or self.partition:
            return self.lazy_rows
        if self.lazy_rows is True:
            raise ValueError(
                f"trainer.lazy_rows=true works in one process, and there are {self.fabric.world_size}: each would move "
                "the rows of its own batch; take trainer.partition=true, where rows are moved by their owners, or "
                "leave it at auto, which then moves all rows"
            )
        return False

    def _evaluate(
        self,
        model: Recommender,
        graph: HeteroData,
        evaluator: Evaluator,
        *,
        sampled: bool,
        on_ranked: Callable[[int], None] | None = None,
    ) -> Evaluation:
        with torch.no_grad():
            return evaluator(model, model.inference_graph(graph), "val", sampled=sampled, on_ranked=on_ranked)


def _go_on(history: Sequence[Row]) -> None:
    """Nobody looks on."""


def _make_adam(lr: float | None) -> MakeOptimizer:
    return partial(torch.optim.Adam, lr=1e-3 if lr is None else lr, fused=True)
