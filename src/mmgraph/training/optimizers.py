"""One optimiser for each parameter group of a model."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from mmgraph.models.base import Recommender
from mmgraph.training.distributed import sum_gradients

MakeOptimizer = Callable[[Iterable[Tensor]], torch.optim.Optimizer]


class GroupOptimizers:
    """The optimisers of a model's parameter groups, in the model's order; each steps its own group only.

    Args:
        model: whose :meth:`~mmgraph.models.Recommender.parameter_groups` they are made for.
        make: gives the optimiser of a group.
        own: what gives it instead, for groups that need settings of their own.

    Raises:
        ValueError: if ``own`` names a group that the model lacks, or a parameter is in no group or in two.

    Example:
        >>> from mmgraph.datasets import Synthetic
        >>> from mmgraph.models import MFBPR
        >>> model = MFBPR(Synthetic(num_users=30, num_items=20, num_topics=3)[0])
        >>> list(GroupOptimizers(model, torch.optim.SGD))
        ['main']
    """

    def __init__(self, model: Recommender, make: MakeOptimizer, own: Mapping[str, MakeOptimizer] | None = None) -> None:
        self.parameters: dict[str, list[nn.Parameter]] = dict(model.parameter_groups())
        makers = dict(own or {})
        if unknown := sorted(set(makers) - set(self.parameters)):
            raise ValueError(
                f"trainer.group_optimizers names the parameter groups {unknown}; "
                f"{type(model).__name__} has {list(self.parameters)}"
            )
        _check_groups(model, self.parameters)
        self.optimizers = {name: makers.get(name, make)(group) for name, group in self.parameters.items()}

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

    def step(self, group: str, loss: Tensor, fabric: Fabric) -> None:
        """Moves one group down the gradient of ``loss``, which every process has; no other parameter is touched."""
        parameters, optimizer = self.parameters[group], self.optimizers[group]
        optimizer.zero_grad()
        (loss / fabric.world_size).backward(inputs=parameters)
        sum_gradients(parameters, fabric)
        optimizer.step()

    def state_dict(self) -> dict[str, Any]:
        """The optimisers' states by group."""
        return {name: optimizer.state_dict() for name, optimizer in self.optimizers.items()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Puts the optimisers back to where they were.

        Raises:
            ValueError: if ``state`` is of other groups.
        """
        if "param_groups" in state:  # of a checkpoint from before there were groups
            state = {"main": state}
        if set(state) != set(self.optimizers):
            raise ValueError(f"these optimisers are of {sorted(state)}, the model's groups are {list(self)}")
        for name, optimizer in self.optimizers.items():
            optimizer.load_state_dict(state[name])


def _check_groups(model: Recommender, groups: Mapping[str, list[nn.Parameter]]) -> None:
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    grouped = [names[id(parameter)] for group in groups.values() for parameter in group]
    wrong = sorted({name for name in names.values() if grouped.count(name) != 1})
    if wrong:
        raise ValueError(f"{type(model).__name__}.parameter_groups() must have each parameter once, but not so {wrong}")
