"""Texts by a language model: one of sentence-transformers, or any of transformers that encodes text."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float32

from mmgraph.prepare.features.encoder import Encoder, versions
from mmgraph.prepare.features.model_files import find_model, hash_model, loading


class SentenceEncoder(Encoder[Any]):
    """A model of sentence-transformers (N. Reimers and I. Gurevych, EMNLP 2019, https://arxiv.org/abs/1908.10084).

    A folder that holds a model of transformers alone gives the mean of its tokens' vectors.

    Args:
        name: a folder, or ``owner/model`` of the hub.
        device: torch's name of it.
        batch_size: texts encoded at once; other sizes give other last bits.

    Raises:
        FileNotFoundError: there is no such model.
        ValueError: it cannot be loaded.
    """

    def __init__(self, name: str, *, device: str, batch_size: int) -> None:
        folder = find_model(name)
        with loading(name):
            from sentence_transformers import SentenceTransformer

            self._model = SentenceTransformer(
                str(folder),
                device=device,
                trust_remote_code=False,
                local_files_only=True,
                model_kwargs={"use_safetensors": True},
            )
        self._recipe = {"encoder": name, "model_sha256": hash_model(folder)}
        self._batch_size = batch_size

    def encode(self, contents: Sequence[Any]) -> Float32[np.ndarray, "items dim"]:
        """Rows as the model gives them."""
        x = self._model.encode(list(contents), batch_size=self._batch_size, show_progress_bar=False)
        return np.asarray(x, dtype=np.float32)

    @property
    def recipe(self) -> dict[str, Any]:
        """The model's name and hash, and all that changes last bits."""
        import torch

        return {
            **self._recipe,
            "batch_size": self._batch_size,
            "device": self._model.device.type,
            "threads": torch.get_num_threads(),
            "versions": versions("torch", "transformers", "sentence-transformers"),
        }
