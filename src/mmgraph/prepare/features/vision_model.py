"""Images by a model of transformers: CLIP, SigLIP, DINOv2, ViT and the like."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float32

from mmgraph.prepare.features.encoder import Encoder, versions
from mmgraph.prepare.features.model_files import find_model, hash_model, loading

if TYPE_CHECKING:
    from PIL.Image import Image


class VisionEncoder(Encoder["Image"]):
    """The image vectors of a model: those that CLIP and SigLIP compare with texts, else the pooled or first vector.

    Args:
        name: a folder, or ``owner/model`` of the hub.
        device: torch's name of it.
        batch_size: images encoded at once; other sizes give other last bits.

    Raises:
        FileNotFoundError: there is no such model.
        ValueError: it cannot be loaded, or lacks weights that its vectors need.
    """

    def __init__(self, name: str, *, device: str, batch_size: int) -> None:
        folder = find_model(name)
        with loading(name):
            from transformers import AutoImageProcessor, AutoModel

            plain = {"trust_remote_code": False, "local_files_only": True}
            # By Pillow, installed torchvision or not: the two scale images differently.
            self._processor = AutoImageProcessor.from_pretrained(folder, backend="pil", **plain)
            self._model, report = AutoModel.from_pretrained(
                folder, use_safetensors=True, output_loading_info=True, **plain
            )
            absent = sorted(report["missing_keys"])
            if others := [key for key in absent if not key.startswith("pooler.")]:
                raise ValueError(f"its file lacks weights, {others[0]} for one, which would be drawn at random")
            self._model.eval().to(device)
        self._pools = not absent
        self._recipe = {"encoder": name, "model_sha256": hash_model(folder)}
        self.at_once = batch_size

    def encode(self, contents: Sequence["Image"]) -> Float32[np.ndarray, "items dim"]:
        """Rows as the model gives them."""
        import torch

        batch = self._processor(images=list(contents), return_tensors="pt").to(self._model.device)
        forward = getattr(self._model, "get_image_features", self._model)
        with torch.inference_mode():
            output = forward(pixel_values=batch["pixel_values"])
        pooled = getattr(output, "pooler_output", None) if self._pools else None
        x = output.last_hidden_state[:, 0] if pooled is None else pooled.flatten(1)
        return x.float().cpu().numpy()

    @property
    def recipe(self) -> dict[str, Any]:
        """The model's name and hash, and all that changes last bits."""
        import torch

        return {
            **self._recipe,
            "batch_size": self.at_once,
            "device": self._model.device.type,
            "threads": torch.get_num_threads(),
            "versions": versions("torch", "transformers", "pillow"),
        }
