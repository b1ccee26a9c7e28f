"""What the collaborative module and that of the modalities each pull the users' shared vectors towards."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from mmgraph.models import Recommender

_MODULES = ("collaborative", "modal")
Given = tuple[tuple[Any, ...], dict[str, Any]]
"""What a module is called with."""


class Pulls:
    """Sums over steps of the gradients through either module."""

    def __init__(self) -> None:
        self._sums: dict[str, Tensor] = {}

    def add(self, module: str, gradient: Tensor) -> None:
        """Adds what reached the users through a module in a step."""
        if module in self._sums:
            self._sums[module].add_(gradient)
        else:
            self._sums[module] = gradient.detach().clone()

    def take(self) -> Sequence[Tensor]:
        """Both sums, collaborative and of the modalities, ``(users, dim)`` each; they begin anew."""
        return [self._sums.pop(name).cpu() for name in _MODULES]


@contextmanager
def watch_pulls(model: Recommender) -> Iterator[Pulls]:
    """Collects gradients while a model trains, without changing one of them.

    Each module is given the users' vectors under a name of its own, so that what comes back to them stays apart.

    Args:
        model: its modules ``collaborative`` and ``modal`` start from the same users.

    Raises:
        ValueError: if they do not.
    """
    if not getattr(model, "shared_user_ids", False) or any(not hasattr(model, name) for name in _MODULES):
        raise ValueError(
            f"{type(model).__name__} as it is set does not share the users' free vectors between a collaborative "
            "module and one of the modalities, so there are no two gradients to compare: give a run with model=lgmrec "
            "ablation=lgmrec-with_suid"
        )
    pulls = Pulls()
    modules: dict[str, Any] = {name: getattr(model, name) for name in _MODULES}
    handles = [
        module.register_forward_pre_hook(_apart(pulls, name), with_kwargs=True) for name, module in modules.items()
    ]
    try:
        yield pulls
    finally:
        for handle in handles:
            handle.remove()


def _apart(pulls: Pulls, name: str) -> Callable[..., Given]:
    """Puts a copy in the place of the users that a module is given, and adds up its gradient."""

    def hook(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Given:
        user = kwargs["user"] if "user" in kwargs else args[0]
        if not torch.is_grad_enabled() or not user.requires_grad:
            return args, kwargs
        copy = user.view_as(user)
        copy.register_hook(lambda gradient: pulls.add(name, gradient))
        return (args, kwargs | {"user": copy}) if "user" in kwargs else ((copy, *args[1:]), kwargs)

    return hook
