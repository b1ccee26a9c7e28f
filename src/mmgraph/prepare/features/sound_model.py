"""Sounds by a model of transformers: AST, Wav2Vec2, CLAP and the like, as sentence-transformers reads them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float32

from mmgraph.prepare.features.encoder import Encoder, versions
from mmgraph.prepare.features.model_files import find_model, loading
from mmgraph.prepare.features.sentence_model import SentenceEncoder
from mmgraph.prepare.features.sounds import Sound, resample


class SoundEncoder(Encoder[Sound]):
    """The vectors of a model of sounds; of one without a vector for the whole, the mean of those of its frames.

    Args:
        name: a folder, or ``owner/model`` of the hub.
        device: torch's name of it.
        batch_size: sounds encoded at once; other sizes give other last bits.

    Raises:
        FileNotFoundError: there is no such model.
        ValueError: it cannot be loaded.
    """

    def __init__(self, name: str, *, device: str, batch_size: int) -> None:
        self._any = SentenceEncoder(name, device=device, batch_size=batch_size)
        with loading(name):
            from transformers import AutoFeatureExtractor

            extractor = AutoFeatureExtractor.from_pretrained(
                find_model(name), trust_remote_code=False, local_files_only=True
            )
            self._rate = int(extractor.sampling_rate)
        self.at_once = batch_size

    def encode(self, contents: Sequence[Sound]) -> Float32[np.ndarray, "items dim"]:
        """Rows as the model gives them."""
        return self._any.encode(
            [{"array": resample(sound, self._rate), "sampling_rate": self._rate} for sound in contents]
        )

    @property
    def recipe(self) -> dict[str, Any]:
        """That of the model, and the version of what reads and resamples sounds."""
        return {**self._any.recipe, "sampling_rate": self._rate, "sound_versions": versions("scipy")}
