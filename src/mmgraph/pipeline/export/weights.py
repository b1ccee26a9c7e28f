"""Weights in a file of safetensors, which nothing can be called from, with a digest of what they were."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from mmgraph.files import atomic_write

WEIGHTS = "model.safetensors"
_DIGEST = "sha256"


def write_weights(path: Path, weights: Mapping[str, Tensor]) -> None:
    """Writes weights by name, whole or not at all.

    Raises:
        ImportError: without safetensors.
        OSError: if it cannot be written.
    """
    from safetensors.torch import save

    separate = {name: tensor.clone(memory_format=torch.contiguous_format) for name, tensor in weights.items()}
    content = save(separate, {"format": "pt", _DIGEST: _digest(separate)})
    with atomic_write(path, "wb") as file:
        file.write(content)


def read_weights(path: Path) -> dict[str, Tensor]:
    """Reads what :func:`write_weights` wrote.

    Raises:
        ImportError: without safetensors.
        ValueError: if the file is damaged.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            digest = (file.metadata() or {}).get(_DIGEST)
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(f"{path} is damaged ({error}): fetch it again") from error
    if digest != _digest(weights):
        raise ValueError(f"{path} is damaged (its weights are not those that were written): fetch it again")
    return weights


def _digest(weights: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(weights.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
