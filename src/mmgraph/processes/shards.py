"""A model's parameters divided by rows among the processes of a job, and whole for the time of a step."""

import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import DTensor, Partial, Placement, Replicate, Shard, distribute_tensor

from mmgraph.processes.divided import all_reduce, together, world
from mmgraph.processes.replicas import Replicas


@dataclass
class _Divided:
    """A parameter: this process's rows of it, where the model has it, and all of its rows while they are needed."""

    own: nn.Parameter
    places: list[tuple[nn.Module, str]]
    leaf: nn.Parameter | None = None

    def put(self, parameter: nn.Parameter) -> None:
        for module, name in self.places:
            module._parameters[name] = parameter


class Shards(Replicas):
    """Each process keeps a W-th of the rows of every matrix, and so of its gradient and of the optimiser's moments.

    The model's parameters become ``DTensor``: matrices divided by rows, vectors (biases) whole in every process. For a
    step they are gathered into leaves, by which the loss is differentiated; the gradients are added up and divided by
    rows (reduce-scatter), and the leaves given up. What is computed of the leaves, in ``forward`` or outside of it, is
    what one process computes.

    Args:
        model: whose parameters; every process has the same values.
        device_type: ``cpu`` or ``cuda``, where they lie.
    """

    def __init__(self, model: nn.Module, device_type: str) -> None:
        self.mesh = init_device_mesh(device_type, (world()[1],))
        # DTensor's caches keep the mesh, and it the group with its threads: one that still works for it while Python
        # ends would abort the process.
        weakref.finalize(self, self.mesh._pg_registry.clear)
        self.names = {name for name, _ in model.named_parameters()}
        self._parts: dict[int, _Divided] = {}
        for whole, places in _places(model):
            own = nn.Parameter(self.divide(whole.detach()), requires_grad=whole.requires_grad)
            part = _Divided(own, places)
            part.put(own)
            self._parts[id(own)] = part

    def divide(self, x: Tensor) -> DTensor:
        """This process's rows of what all have, in memory of their own."""
        local = distribute_tensor(x, self.mesh, _placements(x.dim()), src_data_rank=None).to_local().clone()
        return self._of_local(local, x)

    def empty(self, like: Tensor) -> DTensor:
        """Room for this process's rows of a tensor of the shape and type of ``like``, which may be on no device."""
        return torch.distributed.tensor.zeros(
            *like.shape, dtype=like.dtype, device_mesh=self.mesh, placements=_placements(like.dim())
        )

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Meanwhile the model has all rows of its parameters.

        Raises:
            ConnectionError: if another process is gone; explains how to go on.
        """
        for part in self._parts.values():
            part.leaf = nn.Parameter(self._taken(part.own), requires_grad=part.own.requires_grad)
            part.put(part.leaf)
        try:
            yield
        finally:
            for part in self._parts.values():
                part.put(part.own)
                part.leaf = None

    def leaves(self, parameters: Sequence[nn.Parameter]) -> list[nn.Parameter]:
        """What a loss is differentiated by for ``parameters``, within :meth:`whole`."""
        return [self._leaf(parameter) for parameter in parameters]

    def sum_gradients(self, parameters: Sequence[nn.Parameter], fabric: Fabric) -> None:
        """Gives ``parameters`` their rows of the sum of what the processes found at their leaves.

        A gradient that only some have counts as zero elsewhere; a parameter that none has one of gets none.
        """
        leaves = self.leaves(parameters)
        holders = leaves[0].new_tensor([leaf.grad is not None for leaf in leaves])
        all_reduce(holders)
        for parameter, leaf, count in zip(parameters, leaves, holders, strict=True):
            if leaf.grad is not None or count > 0:  # looked at only where it matters: a step does not wait for it
                gradient = torch.zeros_like(leaf) if leaf.grad is None else leaf.grad
                leaf.grad = None
                parameter.grad = self._given(parameter, gradient)

    def refresh(self, parameters: Sequence[nn.Parameter]) -> None:
        """Gives the leaves of ``parameters`` what these have become."""
        with torch.no_grad():
            for parameter in parameters:
                self._leaf(parameter).copy_(self._taken(parameter))

    def put_together(self) -> None:
        """Gives the model all rows for good."""
        for part in self._parts.values():
            part.put(nn.Parameter(self._taken(part.own), requires_grad=part.own.requires_grad))
        self._parts.clear()

    def _leaf(self, parameter: nn.Parameter) -> nn.Parameter:
        leaf = self._parts[id(parameter)].leaf
        assert leaf is not None, "leaves are there within whole() only"
        return leaf

    def _taken(self, own: nn.Parameter) -> Tensor:
        """What the model has of a parameter in a step."""
        assert isinstance(own.data, DTensor)
        with together():
            whole: Tensor = own.data.full_tensor()
        return whole

    def _given(self, own: nn.Parameter, gradient: Tensor) -> DTensor:
        """This process's rows of a gradient that each found a summand of."""
        with together():
            summands = DTensor.from_local(gradient, self.mesh, [Partial()], run_check=False)
            return summands.redistribute(placements=_placements(gradient.dim()))

    def _of_local(self, local: Tensor, whole: Tensor) -> DTensor:
        return DTensor.from_local(
            local, self.mesh, _placements(whole.dim()), run_check=False, shape=whole.shape, stride=whole.stride()
        )


def _placements(dim: int) -> list[Placement]:
    return [Shard(0)] if dim > 1 else [Replicate()]


def _places(model: nn.Module) -> list[tuple[nn.Parameter, list[tuple[nn.Module, str]]]]:
    """Each parameter once, with the modules that have it and the names under which they do."""
    found: dict[int, tuple[nn.Parameter, list[tuple[nn.Module, str]]]] = {}
    for module in model.modules():
        for name, parameter in module._parameters.items():
            if parameter is not None:
                found.setdefault(id(parameter), (parameter, []))[1].append((module, name))
    return list(found.values())
