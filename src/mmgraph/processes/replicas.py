"""How the processes of a job hold a model's parameters: each all of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_

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

    def clip(self, parameters: Sequence[nn.Parameter], rows: Sequence[Tensor], largest: float) -> None:
        """Scales the gradients of parameters, and of some rows of others, to an L2 norm of ``largest`` at the most."""
        clip_grad_norm_([*parameters, *rows], largest)

    def refresh(self, parameters: Sequence[nn.Parameter]) -> None:
        """Gives the leaves of ``parameters`` what these have become."""

    def put_together(self) -> None:
        """Gives the model all rows for good."""
