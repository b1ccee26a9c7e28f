"""A table whose rows move when they are met, to where Adam would have moved them step by step."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Int64
from torch import Tensor, nn
from torch.distributed.tensor import DTensor

from mmgraph.nn import read_rows
from mmgraph.training.missed_steps import MissedSteps, move_missed_

SHARE = 0.125
"""Rows of a table in a step, as a share of all, from which on moving all of them is as fast."""
_BLOCK = 2**16  # numbers that are worked on at once: they and what is made of them stay in a core's cache


class _Taken(NamedTuple):
    """Rows that a step took: their numbers, a leaf with their values, their moments, all as after the step before."""

    rows: Tensor
    leaf: Tensor
    mean: Tensor
    square: Tensor


class LazyTable:
    """One table of an Adam; its moments and number of steps are that optimiser's own.

    Args:
        table: one row for each node; of a ``DTensor`` this process's rows, by which they are counted here.
        optimizer: moves it.
        always: whether rows are taken one by one even where they are a large share of all.
    """

    def __init__(self, table: nn.Parameter, optimizer: torch.optim.Adam, *, always: bool) -> None:
        self.table = table
        self.optimizer = optimizer
        self.share = 1.0 if always else SHARE
        self.taken: _Taken | None = None
        self.forget()

    def forget(self) -> None:
        """All rows are as after the last step: nothing is owed to any."""
        self.since: Tensor | None = None

    @property
    def _settings(self) -> tuple[float, tuple[float, float], float]:
        group = self.optimizer.param_groups[0]
        return group["lr"], group["betas"], group["eps"]

    @property
    def _values(self) -> Tensor:
        return _local(self.table.data)

    @property
    def _moments(self) -> tuple[Tensor, Tensor]:
        state = self.optimizer.state[self.table]
        return _local(state["exp_avg"]), _local(state["exp_avg_sq"])

    def read(self, rows: Tensor | None) -> Tensor:
        """Rows as they are now, all of them for None; few rows are a leaf, whose gradient :meth:`step` takes."""
        if rows is not None and torch.is_grad_enabled():
            if self.taken is None and rows.numel() <= self.share * self._values.size(0):
                self.taken = self._take(rows)
            if self.taken is not None and (rows is self.taken.rows or torch.equal(rows, self.taken.rows)):
                return self.taken.leaf
        self.catch_up()
        return read_rows(self.table, rows)

    @torch.no_grad()
    def _take(self, rows: Int64[Tensor, " rows"]) -> _Taken:
        self._begin()
        value, mean, square = self._room(rows.numel())
        self._caught_up(rows, value, mean, square)
        return _Taken(rows, value.requires_grad_(), mean, square)

    def _room(self, count: int) -> tuple[Tensor, Tensor, Tensor]:
        """For values and moments of so many rows."""
        shape = count, self.table.size(1)
        like = self._values
        return like.new_empty(shape), like.new_empty(shape), like.new_empty(shape)

    def _begin(self) -> None:
        """Notes that from now on rows may lag behind."""
        if self.since is not None:
            return
        state = self.optimizer.state[self.table]
        if not state:  # as Adam itself begins
            state["step"] = torch.zeros((), dtype=torch.float32, device=self._place_of_count())
            state["exp_avg"] = torch.zeros_like(self.table, memory_format=torch.preserve_format)
            state["exp_avg_sq"] = torch.zeros_like(self.table, memory_format=torch.preserve_format)
        self.steps = int(state["step"])
        _, betas, _ = self._settings
        self.missed = MissedSteps(betas, first=self.steps, device=self.table.device)
        self.since = torch.full((self._values.size(0),), self.steps, device=self.table.device)

    def _place_of_count(self) -> torch.device:
        return self.table.device if self.optimizer.param_groups[0]["fused"] else torch.device("cpu")

    def _caught_up(self, rows: Tensor, value: Tensor, mean: Tensor, square: Tensor) -> None:
        """Writes what rows and moments are now into the last three."""
        assert self.since is not None
        lr, _, eps = self._settings
        since = self.since.index_select(0, rows)
        sums = self.missed.between(since, self.steps)
        factors = sums.factors(lr=lr, eps=eps, dtype=value.dtype)
        for part in self._blocks(rows.numel()):
            chosen = rows[part]
            for source, target in zip((self._values, *self._moments), (value, mean, square), strict=True):
                torch.index_select(source, 0, chosen, out=target[part])
            move_missed_(value[part], mean[part], square[part], factors[:, part])

    def _blocks(self, count: int) -> Iterator[slice]:
        size = max(1, _BLOCK // self.table.size(1))
        return (slice(start, min(start + size, count)) for start in range(0, count, size))

    def merge(self) -> None:
        """Where the loss reached the table itself too, adds the gradient of the rows to that.

        Raises:
            RuntimeError: if it reached the table by another way than :func:`mmgraph.nn.table_rows`, after rows had
                fallen behind.
        """
        if self.table.grad is None:
            return
        if self.since is not None:
            raise RuntimeError(
                "a table of which a step before saw some rows only was read past self.rows(table, store), with rows "
                "that had fallen behind: read it so in the model, or set trainer.lazy_rows=false"
            )
        if self.taken is not None and self.taken.leaf.grad is not None:
            self.table.grad.index_add_(0, self.taken.rows, self.taken.leaf.grad)
            self.taken = None

    @torch.no_grad()
    def step(self) -> None:
        """Moves the rows that were taken, if the loss reached them, as Adam does."""
        taken = self.taken
        if taken is None or taken.leaf.grad is None:
            return
        assert self.since is not None
        self.steps += 1
        lr, betas, eps = self._settings
        size = lr / (1 - betas[0] ** self.steps)
        root = math.sqrt(1 - betas[1] ** self.steps)
        for part in self._blocks(taken.rows.numel()):
            grad, mean, square = taken.leaf.grad[part], taken.mean[part], taken.square[part]
            mean.lerp_(grad, 1 - betas[0])
            square.mul_(betas[1]).addcmul_(grad, grad, value=1 - betas[1])
            value = torch.addcdiv(taken.leaf[part], mean, square.sqrt().div_(root).add_(eps), value=-size)
            self._put(taken.rows[part], value, mean, square)
        self.since.index_fill_(0, taken.rows, self.steps)
        self.optimizer.state[self.table]["step"].fill_(self.steps)

    def _put(self, rows: Tensor, *values: Tensor) -> None:
        for target, value in zip((self._values, *self._moments), values, strict=True):
            target.index_copy_(0, rows, value)

    @torch.no_grad()
    def catch_up(self) -> None:
        """Brings all rows up to date."""
        if self.since is None:
            return
        behind = (self.since < self.steps).nonzero().flatten()
        size = 16 * max(1, _BLOCK // self.table.size(1))
        for rows in behind.split(size):
            values = self._room(rows.numel())
            self._caught_up(rows, *values)
            self._put(rows, *values)
        self.forget()


def _local(x: Tensor) -> Tensor:
    """This process's rows, in the memory that they lie in."""
    return x.to_local() if isinstance(x, DTensor) else x
