"""Images by a model of timm."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float32

from mmgraph.prepare.features.encoder import Encoder, versions
from mmgraph.prepare.features.model_files import find_model, hash_model, loading

if TYPE_CHECKING:
    from PIL.Image import Image


class TimmEncoder(Encoder["Image"]):
    """The vectors before the classifier of a model of timm, images scaled as it was trained with.

    Args:
        name: a folder, or ``owner/model`` of the hub (``timm/...``).
        device: torch's name of it.
        batch_size: images encoded at once; other sizes give other last bits.

    Raises:
        FileNotFoundError: there is no such model.
        ValueError: it cannot be loaded, or timm cannot be imported.
    """

    def __init__(self, name: str, *, device: str, batch_size: int) -> None:
        folder = find_model(name)
        timm = _import_timm(name)
        with loading(name):
            self._model = timm.create_model(f"local-dir:{folder.absolute()}", pretrained=True, num_classes=0)
            self._model.eval().to(device)
            self._scale = timm.data.create_transform(**timm.data.resolve_model_data_config(self._model))
        self._device = device
        self._recipe = {"encoder": name, "model_sha256": hash_model(folder)}
        self.at_once = batch_size

    def encode(self, contents: Sequence["Image"]) -> Float32[np.ndarray, "items dim"]:
        """Rows as the model gives them."""
        import torch

        images = torch.stack([self._scale(image) for image in contents])
        with torch.inference_mode():
            return self._model(images.to(self._device)).float().cpu().numpy()

    @property
    def recipe(self) -> dict[str, Any]:
        """The model's name and hash, and all that changes last bits."""
        import torch

        return {
            **self._recipe,
            "batch_size": self.at_once,
            "device": torch.device(self._device).type,
            "threads": torch.get_num_threads(),
            "versions": versions("torch", "timm", "torchvision", "pillow"),
        }


def _import_timm(name: str) -> Any:
    try:
        import timm
        import timm.data
    except (ImportError, RuntimeError) as error:  # a torchvision of another build than torch raises RuntimeError
        raise ValueError(
            f"{name}: is a model of timm, which cannot be imported here ({error}). pip install timm and the "
            "torchvision that belongs to the installed torch, or take a model of transformers, or image=colour"
        ) from error
    return timm
