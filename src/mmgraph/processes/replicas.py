"""How the processes of a job hold a model's parameters: each all of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lightning_fabric import Fabric
from torch import nn

from mmgraph.processes.fabric import sum_gradients


class Replicas:
    """Every process holds every parameter; :class:`~mmgraph.processes.shards.Shards` holds rows and has the same face.

    Example:
        >>> layer = nn.Linear(2, 1)
        >>> replicas = Replicas()
        >>> with replicas.whole():
        ...     leaves = replicas.leaves(list(layer.parameters()))
        >>> leaves[0] is layer.weight
        True
    """

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Meanwhile the model has all rows of its parameters."""
        yield

    def leaves(self, parameters: Sequence[nn.Parameter]) -> list[nn.Parameter]:
        """What a loss is differentiated by for ``parameters``, the optimisers' own."""
        return list(parameters)

    def sum_gradients(self, parameters: Sequence[nn.Parameter], fabric: Fabric) -> None:
        """Gives ``parameters`` the sum of what the processes found at their leaves."""
        sum_gradients(parameters, fabric)

    def refresh(self, parameters: Sequence[nn.Parameter]) -> None:
        """Gives the leaves of ``parameters`` what these have become."""

    def put_together(self) -> None:
        """Gives the model all rows for good."""
