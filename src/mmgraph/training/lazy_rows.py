"""Which tables of a model may be moved row by row, and when all their rows must be up to date."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

import torch
from torch import Tensor, nn

from mmgraph.nn import read_rows, tables_read_by
from mmgraph.training.lazy_table import LazyTable

Lazy = Literal["auto"] | bool
"""``trainer.lazy_rows``: wherever it is faster, wherever it is possible, or nowhere."""
_LARGEST_EPS = 1e-6


class LazyRows:
    """The tables of some optimisers, each a :class:`LazyTable` from when it is first read by a model.

    Args:
        optimizers: by parameter group.
        lazy: "auto": where it can be done, and in steps that see few of a table's rows; True: in every step that does
            not see the whole graph; False: never.

    Raises:
        ValueError: if it is True and cannot be done.
    """

    def __init__(self, optimizers: Mapping[str, torch.optim.Optimizer], lazy: Lazy) -> None:
        self.lazy = lazy
        self.groups: dict[str, list[LazyTable]] = {name: [] for name in optimizers}
        self._by_id: dict[int, LazyTable] = {}
        self._open: dict[int, tuple[str, torch.optim.Adam, nn.Parameter]] = {}
        for name, optimizer in optimizers.items() if lazy else ():
            self._admit(name, optimizer)

    def _admit(self, name: str, optimizer: torch.optim.Optimizer) -> None:
        reason = why_not(optimizer)
        if reason is None:
            assert isinstance(optimizer, torch.optim.Adam)
            parameters = optimizer.param_groups[0]["params"]
            self._open |= {id(table): (name, optimizer, table) for table in parameters if table.dim() == 2}
        elif self.lazy is True:
            raise ValueError(f"trainer.lazy_rows=true: parameter group {name!r} {reason}; or leave it at auto")

    def __bool__(self) -> bool:
        """Whether any table can be moved row by row."""
        return bool(self._open or self._by_id)

    @contextmanager
    def reading(self, read: Callable[[Tensor, Tensor | None], Tensor] | None = None) -> Iterator[None]:
        """Has models read their tables here, for the length of a step.

        Args:
            read: by this, which may ask :meth:`read`; by default by that alone.
        """
        if not self and read is None:
            yield
            return
        try:
            with tables_read_by(read or self.read):
                yield
        finally:
            for table in self._by_id.values():
                table.taken = None

    def read(self, table: Tensor, rows: Tensor | None, parameter: nn.Parameter | None = None) -> Tensor:
        """Rows of a table as they are now, all of them for None.

        Args:
            table: what a model has.
            rows: their numbers.
            parameter: what the optimiser has in its place, where processes have some rows each. Then few rows are not
                told from many, which would be another answer in each process.
        """
        key = id(table if parameter is None else parameter)
        if (opened := self._open.pop(key, None)) is not None:
            group, optimizer, opened_table = opened
            always = self.lazy is True or parameter is not None
            self._by_id[key] = LazyTable(opened_table, optimizer, always=always)
            self.groups[group].append(self._by_id[key])
        known = self._by_id.get(key)
        return read_rows(table, rows) if known is None else known.read(rows)

    def leaves(self, group: str) -> list[Tensor]:
        """What stands for the tables of a group in this step's graph of gradients."""
        return [table.taken.leaf for table in self.groups[group] if table.taken is not None]

    def merge(self, group: str) -> None:
        """Adds the rows' gradients to those of whole tables, where there are both."""
        for table in self.groups[group]:
            table.merge()

    def step(self, group: str) -> None:
        """Moves the rows that this step took."""
        for table in self.groups[group]:
            table.step()

    def catch_up(self) -> None:
        """Brings all rows of all tables up to date."""
        for table in self._by_id.values():
            table.catch_up()

    def forget(self) -> None:
        """Weights and states are others now, all up to date."""
        for table in self._by_id.values():
            table.forget()


def why_not(optimizer: torch.optim.Optimizer) -> str | None:
    """Why an optimiser's steps along gradients of zero are not known in closed form; None: they are.

    >>> why_not(torch.optim.SGD([torch.zeros(1)], lr=0.1))
    'is moved by SGD, and only what Adam does to a row without a gradient is known in closed form'
    >>> why_not(torch.optim.Adam([torch.zeros(1)]))
    """
    if type(optimizer) is not torch.optim.Adam:
        name = type(optimizer).__name__
        return f"is moved by {name}, and only what Adam does to a row without a gradient is known in closed form"
    group = optimizer.param_groups[0]
    if unknown := [name for name in ("weight_decay", "amsgrad", "maximize", "differentiable") if group[name]]:
        return f"has {unknown[0]}={group[unknown[0]]}, by which a row without a gradient moves in no closed form"
    if isinstance(group["lr"], Tensor):
        return "has a learning rate that is a tensor; give it as a number"
    if group["eps"] > _LARGEST_EPS or not group["betas"][0] < group["betas"][1] ** 1.5:
        return (
            f"has eps={group['eps']} and betas={tuple(group['betas'])}, and the closed form needs eps of at most "
            f"{_LARGEST_EPS} and betas[0] below betas[1] ** 1.5"
        )
    return None
