"""Tables of which each process has its own rows, in a step too, beside parameters that are whole there."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.distributed.tensor import DTensor
from torch.nn.utils import get_total_norm

from mmgraph.processes.divided import all_reduce
from mmgraph.processes.partition import DividedRows
from mmgraph.processes.shards import Shards


class DividedTables(Shards):
    """What :class:`Shards` is for all parameters but tables: of these the model has its process's rows at any time.

    A table's gradient is complete where its rows are, because vectors of other processes' nodes come with a way back to
    their owners (:mod:`mmgraph.processes.partition`); it is not added up.

    Args:
        model: whose parameters; every process has the same values.
        device_type: ``cpu`` or ``cuda``, where they lie.
        tables: the kind of node that a parameter has a row for, by the parameter's name.
        rows: which process has which rows, by kind of node.
    """

    def __init__(
        self, model: nn.Module, device_type: str, tables: Mapping[str, str], rows: Mapping[str, DividedRows]
    ) -> None:
        super().__init__(model, device_type)
        self.rows = dict(rows)
        self._tables = {id(parameter) for name, parameter in model.named_parameters() if name in tables}

    def parameter(self, leaf: Tensor) -> nn.Parameter | None:
        """Of which table the model has these rows, while a model runs (``whole``); None: of none."""
        found = [part.own for part in self._parts.values() if part.leaf is leaf and id(part.own) in self._tables]
        return found[0] if found else None

    def clip(self, parameters: Sequence[nn.Parameter], rows: Sequence[Tensor], largest: float) -> None:
        """The same, where ``rows`` are this process's and the norm is that of all processes' together."""
        if not rows:
            return super().clip(parameters, rows, largest)
        squares = torch.stack([x.grad.square().sum() for x in rows if x.grad is not None]).sum()
        all_reduce(squares)
        whole = get_total_norm([x.grad for x in parameters if x.grad is not None])
        whole = whole.full_tensor() if isinstance(whole, DTensor) else whole
        norm = (squares + whole.square()).sqrt()
        for x in (*parameters, *rows):
            if x.grad is not None:
                x.grad.mul_((largest / (norm + 1e-6)).clamp(max=1.0))
        return None

    def _taken(self, own: nn.Parameter) -> Tensor:
        assert isinstance(own.data, DTensor)
        return own.data.to_local() if id(own) in self._tables else super()._taken(own)

    def _given(self, own: nn.Parameter, gradient: Tensor) -> DTensor:
        return self._of_local(gradient, own.data) if id(own) in self._tables else super()._given(own, gradient)
