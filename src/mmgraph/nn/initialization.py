"""How a block's weights start."""

from torch import nn


def xavier_matrices_(*modules: nn.Module) -> None:
    """Draws every matrix of some modules by Xavier's uniform rule, in place; their vectors (biases) stay.

    Args:
        *modules: whose matrices.

    Example:
        >>> linear = nn.Linear(3, 3)
        >>> before = linear.bias.clone()
        >>> xavier_matrices_(linear)
        >>> bool(linear.weight.abs().max() <= 1), bool((linear.bias == before).all())
        (True, True)
    """
    for module in modules:
        for parameter in module.parameters():
            if parameter.dim() == 2:
                nn.init.xavier_uniform_(parameter)
