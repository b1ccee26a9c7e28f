"""One optimiser for each parameter group of a model."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.optim.lr_scheduler import LRScheduler

from mmgraph.models.base import Recommender
from mmgraph.processes.replicas import Replicas
from mmgraph.training.lazy_rows import Lazy, LazyRows
from mmgraph.training.schedulers import MakeOptimizer, MakeScheduler, end_epoch

_SCHEDULER = "scheduler"
_REPLICAS = Replicas()


def check_optimizer(make: MakeOptimizer, place: str) -> None:
    """Takes one step with an optimiser, so that what is wrong with it shows before there is anything to train.

    Args:
        make: gives the optimiser.
        place: where the configuration describes it, for messages.

    Raises:
        ValueError: for arguments that it refuses, and for one that wants more than a gradient (``LBFGS``) or another
            kind (``SparseAdam``).
    """
    if not callable(make):
        raise ValueError(
            f"{place} must make an optimiser of parameters, as functools.partial(torch.optim.Adam, lr=1e-3) does; got "
            f"{type(make).__name__}"
        )
    weight = nn.Parameter(torch.zeros(1, 1))
    weight.grad = torch.zeros(1, 1)
    optimizer = make([weight])
    try:
        optimizer.step()
    except Exception as error:  # whatever a class makes of it
        raise ValueError(f"{place}: {type(optimizer).__name__} cannot train here: {error}") from error


class GroupOptimizers:
    """The optimisers of a model's parameter groups, in the model's order; each steps its own group only.

    Args:
        model: whose :meth:`~mmgraph.models.Recommender.parameter_groups` they are made for.
        make: gives the optimiser of a group.
        own: what gives it instead, for groups that need settings of their own.
        scheduler: gives what changes an optimiser's learning rate after each epoch. None: it stays.
        clip: largest L2 norm of a group's gradient in a step. None: any.
        lazy_rows: whether rows of tables are moved when they are met (:class:`Trainer`).

    Attributes:
        rows: the tables whose rows are.

    Raises:
        ValueError: if ``own`` names a group that the model lacks, a parameter is in no group or in two, or rows cannot
            be moved when they are met and must.

    Example:
        >>> import torch
        >>> from mmgraph.datasets import Synthetic
        >>> from mmgraph.models import MFBPR
        >>> model = MFBPR(Synthetic(num_users=30, num_items=20, num_topics=3)[0])
        >>> list(GroupOptimizers(model, torch.optim.SGD))
        ['main']
    """

    def __init__(
        self,
        model: Recommender,
        make: MakeOptimizer,
        own: Mapping[str, MakeOptimizer] | None = None,
        *,
        scheduler: MakeScheduler | None = None,
        clip: float | None = None,
        lazy_rows: Lazy = False,
    ) -> None:
        self.parameters: dict[str, list[nn.Parameter]] = dict(model.parameter_groups())
        makers = dict(own or {})
        if unknown := sorted(set(makers) - set(self.parameters)):
            raise ValueError(
                f"trainer.group_optimizers names the parameter groups {unknown}; "
                f"{type(model).__name__} has {list(self.parameters)}"
            )
        _check_groups(model, self.parameters)
        self.optimizers = {name: makers.get(name, make)(group) for name, group in self.parameters.items()}
        self.rows = LazyRows(self.optimizers, lazy_rows)
        self.schedulers: dict[str, LRScheduler] = {}
        if scheduler:
            self.schedulers = {name: scheduler(optimizer) for name, optimizer in self.optimizers.items()}
        self.clip = clip

    def __iter__(self) -> Iterator[str]:
        return iter(self.optimizers)

    def check(self, groups: Iterable[str]) -> None:
        """Refuses loss terms of groups that the model lacks.

        Raises:
            ValueError: names them, and the groups that there are.
        """
        if unknown := sorted(set(groups) - set(self)):
            raise ValueError(
                f"the loss has terms for the parameter groups {unknown}, the model has {list(self)}: "
                "choose a loss made for this model"
            )

    def step(self, group: str, loss: Tensor, fabric: Fabric, held: Replicas = _REPLICAS) -> None:
        """Moves one group down the gradient of ``loss``, which every process has; no other parameter is touched.

        Args:
            group: its name.
            loss: a scalar.
            fabric: the number of processes.
            held: how these hold the parameters.
        """
        parameters = self.parameters[group]
        optimizer = self.optimizers[group]
        optimizer.zero_grad()
        (loss / fabric.world_size).backward(inputs=[*held.leaves(parameters), *self.rows.leaves(group)])
        held.sum_gradients(parameters, fabric)
        self.rows.merge(group)
        if self.clip is not None:
            held.clip(parameters, self.rows.leaves(group), self.clip)
        optimizer.step()
        self.rows.step(group)

    def end_epoch(self, groups: Iterable[str], metric: float | None) -> None:
        """Sets the learning rates of the next epoch.

        Args:
            groups: those that took steps in this one; the others rest, and so do their schedulers.
            metric: the monitored validation metric; None if the epoch was not evaluated.
        """
        for group in set(groups) & set(self.schedulers):
            end_epoch(self.schedulers[group], metric)

    def state_dict(self) -> dict[str, Any]:
        """The optimisers' states by group, each with its scheduler's if there is one."""
        states = {name: optimizer.state_dict() for name, optimizer in self.optimizers.items()}
        return {name: state | self._scheduler_state(name) for name, state in states.items()}

    def _scheduler_state(self, name: str) -> dict[str, Any]:
        return {_SCHEDULER: self.schedulers[name].state_dict()} if name in self.schedulers else {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Puts the optimisers back to where they were.

        Raises:
            ValueError: if ``state`` is of other groups, or was saved with a scheduler where there is none, or without.
        """
        if "param_groups" in state:  # of a checkpoint from before there were groups
            state = {"main": state}
        if set(state) != set(self.optimizers):
            raise ValueError(f"these optimisers are of {sorted(state)}, the model's groups are {list(self)}")
        if {name for name in state if _SCHEDULER in state[name]} != set(self.schedulers):
            raise ValueError("trainer.scheduler: these optimisers were saved with another setting, null or not")
        for name, optimizer in self.optimizers.items():
            optimizer.load_state_dict({key: part for key, part in state[name].items() if key != _SCHEDULER})
        self.rows.forget()
        for name, scheduler in self.schedulers.items():
            scheduler.load_state_dict(state[name][_SCHEDULER])


def _check_groups(model: Recommender, groups: Mapping[str, list[nn.Parameter]]) -> None:
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    grouped = [names[id(parameter)] for group in groups.values() for parameter in group]
    wrong = sorted({name for name in names.values() if grouped.count(name) != 1})
    if wrong:
        raise ValueError(f"{type(model).__name__}.parameter_groups() must have each parameter once, but not so {wrong}")
