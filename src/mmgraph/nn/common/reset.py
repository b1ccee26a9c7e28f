"""Parameters drawn anew."""

from torch import nn


class Resettable(nn.Module):
    """Base of the modules whose parameters can be drawn anew, as those of PyTorch Geometric.

    A constructor makes the parts, which draw their parameters as they are made, and then calls
    :meth:`draw_parameters` where there is more to draw. A module that draws in another order overrides
    :meth:`reset_parameters`.

    Example:
        >>> import torch
        >>> class Block(Resettable):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.map = nn.Linear(2, 2)
        ...         self.draw_parameters()
        ...
        ...     def draw_parameters(self):
        ...         nn.init.xavier_normal_(self.map.weight)
        >>> torch.manual_seed(0); block = Block()  # doctest: +ELLIPSIS
        <torch._C.Generator object at ...>
        >>> first = block.map.weight.clone()
        >>> block.reset_parameters(); bool((block.map.weight == first).any())
        False
        >>> torch.manual_seed(0); block.reset_parameters()  # doctest: +ELLIPSIS
        <torch._C.Generator object at ...>
        >>> bool((block.map.weight == first).all())
        True
    """

    def reset_parameters(self) -> None:
        """Draws all parameters anew, in place and where they lie, and forgets running statistics.

        From one state of torch's generator these are the numbers of a new module, which draws in the same order.

        Raises:
            NotImplementedError: if a part has parameters and no ``reset_parameters``.
        """
        reset_parts(self)
        self.draw_parameters()

    def draw_parameters(self) -> None:
        """Draws what the parts do not draw, or draw otherwise than this module wants; nothing unless overridden."""


def reset_parts(module: nn.Module) -> None:
    """Draws the parameters of a module's parts anew, in the order in which it was given them.

    Args:
        module: whose parts; those without ``reset_parameters`` are asked for their own parts.

    Raises:
        NotImplementedError: if a part has parameters and no ``reset_parameters``.

    Example:
        >>> reset_parts(nn.Sequential(nn.Linear(2, 2), nn.ReLU()))
        >>> reset_parts(nn.Sequential(nn.ParameterList([nn.Parameter(nn.Linear(2, 2).weight)])))
        Traceback (most recent call last):
            ...
        NotImplementedError: part 0 of Sequential, a ParameterList, has parameters and no reset_parameters: ...
    """
    for name, part in module.named_children():
        reset = getattr(part, "reset_parameters", None)
        if callable(reset):
            reset()
        elif list(part.parameters(recurse=False)):
            raise NotImplementedError(
                f"part {name} of {type(module).__name__}, a {type(part).__name__}, has parameters and no "
                "reset_parameters: give it one (mmgraph.nn.TableDict has one), or override reset_parameters of what it "
                "is a part of"
            )
        else:
            reset_parts(part)
