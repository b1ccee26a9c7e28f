"""Several processes that hold the same graph and draw the same batch."""

import os
from collections.abc import Sequence

import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins.environments import TorchElasticEnvironment
from torch import Tensor

from mmgraph.processes.divided import all_reduce
from mmgraph.processes.restarts import join_group

PRECISIONS = ("32-true", "bf16-mixed")


def launch_fabric(*, accelerator: str, devices: int, precision: str) -> Fabric:
    """Starts Fabric: picks the device and the precision, joins the processes that were started as by ``torchrun``.

    Args:
        accelerator: ``cpu``, ``cuda``, ``mps`` or ``auto``.
        devices: devices of this machine; more than one needs ``torchrun --nproc-per-node=N``.
        precision: ``32-true`` or ``bf16-mixed``.

    Raises:
        ValueError: if the device is not there, or the precision is not one of the two.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"trainer.precision must be one of {PRECISIONS}, got {precision!r}")
    num_processes, num_machines = _torchrun_processes()
    if devices > 1 and num_processes == 1:
        raise ValueError(
            f"trainer.devices={devices} needs as many processes: torchrun --nproc-per-node={devices} train.py ..."
        )
    sizes = {"devices": max(devices, num_processes), "num_nodes": num_machines}
    # Also within a Slurm job the variables count: what started the processes has set them.
    started = [TorchElasticEnvironment()] if "WORLD_SIZE" in os.environ else None
    try:
        fabric = Fabric(accelerator=accelerator, precision=precision, plugins=started, **sizes)  # type: ignore[arg-type]
    except (RuntimeError, ValueError) as error:
        raise ValueError(f"trainer.accelerator={accelerator!r}, trainer.devices={devices}: {error}") from error
    join_group("nccl" if fabric.device.type == "cuda" else "gloo")  # else Fabric does
    fabric.launch()
    return fabric


def _torchrun_processes() -> tuple[int, int]:
    """Processes on this machine, and machines."""
    here = int(os.environ.get("LOCAL_WORLD_SIZE", 1))
    return here, int(os.environ.get("WORLD_SIZE", here)) // here


def sum_gradients(parameters: Sequence[Tensor], fabric: Fabric) -> None:
    """Adds up the processes' gradients in one flat all-reduce; a gradient that only some have counts as zero elsewhere.

    Each process back-propagates ``loss / world_size``: where all compute the same, the sum is what one process has. A
    parameter that none has a gradient of is left without one, so that its optimiser leaves it alone.
    """
    if fabric.world_size == 1:
        return
    gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
    holders = gradients[0].new_tensor([p.grad is not None for p in parameters])
    flat = torch.cat([gradient.flatten() for gradient in (*gradients, holders)])
    all_reduce(flat)
    *parts, holders = flat.split([x.numel() for x in (*parameters, holders)])
    for parameter, part, count in zip(parameters, parts, holders, strict=True):
        if parameter.grad is not None or count > 0:  # looked at only where it matters: a step does not wait for it
            parameter.grad = part.view_as(parameter)
