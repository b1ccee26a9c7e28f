"""Settings of encoders, checked before anything is read."""

from mmgraph.prepare.features.contents import BAD_FILES
from mmgraph.prepare.features.matrix import PRECISIONS


def check_settings(*, bad_images: str, batch_size: int, device: str, precision: str) -> None:
    """Checks what :func:`~mmgraph.prepare.features.encode.encode_items` is given.

    Raises:
        ValueError: names the argument, and what it may be.

    Example:
        >>> check_settings(bad_images="error", batch_size=32, device="cpu", precision="double")
        Traceback (most recent call last):
            ...
        ValueError: precision='double': must be one of ['half', 'single']
    """
    for name, value, allowed in (("bad_images", bad_images, BAD_FILES), ("precision", precision, PRECISIONS)):
        if value not in allowed:
            raise ValueError(f"{name}={value!r}: must be one of {list(allowed)}")
    if batch_size < 1:
        raise ValueError(f"batch_size={batch_size}: must be a whole number from 1")
    _check_device(device)


def _check_device(device: str) -> None:
    import torch

    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:  # torch has one for each reason
        reason = str(error).partition("\n")[0]
        raise ValueError(f"device={device!r}: is none that torch can use here ({reason})") from error
