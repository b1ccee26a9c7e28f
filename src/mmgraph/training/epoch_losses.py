"""What the losses of an epoch's steps came to."""

from collections.abc import Sequence

from torch import Tensor


def epoch_losses(names: Sequence[str], values: Tensor, epoch: int) -> dict[str, float]:
    """Mean of each loss over the steps of an epoch, looked at only now: a step never waits for the device.

    Args:
        names: of the losses.
        values: one row per step, one column per loss ``(S, n)``.
        epoch: for the message.

    Raises:
        FloatingPointError: if a value is not finite; names the losses of the first step where that is so.

    Example:
        >>> import torch
        >>> epoch_losses(["bpr"], torch.tensor([[1.0], [3.0]]), epoch=0)
        {'bpr': 2.0}
    """
    broken = (~values.isfinite()).cpu()
    if broken.any():
        step = int(broken.any(dim=1).nonzero()[0])
        bad = [name for name, is_bad in zip(names, broken[step].tolist(), strict=True) if is_bad]
        found = {name: float(value) for name, value in zip(names, values[step], strict=True)}
        raise FloatingPointError(
            f"epoch {epoch}, step {step}: loss terms {bad} are not finite (all terms: {found}); "
            "lower the learning rate or the term's weight, or look at the features' scale"
        )
    return dict(zip(names, values.double().mean(dim=0).tolist(), strict=True))
