"""Several processes that hold the same graph and draw the same batch."""

import os
from collections.abc import Sequence

import torch
import torch.distributed as dist
from lightning_fabric import Fabric
from torch import Tensor

PRECISIONS = ("32-true", "bf16-mixed")


def launch_fabric(*, accelerator: str, devices: int, precision: str) -> Fabric:
    """Starts Fabric: picks the device and the precision, joins the processes that ``torchrun`` started.

    Args:
        accelerator: ``cpu``, ``cuda``, ``mps`` or ``auto``.
        devices: devices of this machine; more than one needs ``torchrun --nproc-per-node=N``.
        precision: ``32-true`` or ``bf16-mixed``.

    Raises:
        ValueError: if the device is not there, or the precision is not one of the two.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"trainer.precision must be one of {PRECISIONS}, got {precision!r}")
    num_processes = _torchrun_processes()
    if devices > 1 and num_processes == 1:
        raise ValueError(
            f"trainer.devices={devices} needs as many processes: torchrun --nproc-per-node={devices} train.py ..."
        )
    try:
        fabric = Fabric(accelerator=accelerator, devices=max(devices, num_processes), precision=precision)  # type: ignore[arg-type]
    except (RuntimeError, ValueError) as error:
        raise ValueError(f"trainer.accelerator={accelerator!r}, trainer.devices={devices}: {error}") from error
    fabric.launch()
    return fabric


def _torchrun_processes() -> int:
    return int(os.environ.get("LOCAL_WORLD_SIZE", 1))


def sum_gradients(parameters: Sequence[Tensor], fabric: Fabric) -> None:
    """Adds up the processes' gradients in one flat all-reduce; a parameter without a gradient counts as zero.

    Each process back-propagates ``loss / world_size``: where all compute the same, the sum is what one process has.
    """
    if fabric.world_size == 1:
        return
    gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    dist.all_reduce(flat)
    for parameter, part in zip(parameters, flat.split([p.numel() for p in parameters]), strict=True):
        parameter.grad = part.view_as(parameter)
