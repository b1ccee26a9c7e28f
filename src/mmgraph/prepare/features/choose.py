"""The encoder that a word names."""

from importlib.util import find_spec
from typing import Any

from mmgraph.config.extras import missing_package
from mmgraph.prepare.features.encoder import Encoder

TEXT = "tfidf"
IMAGE = "colour"
"""The encoders that need no model."""


def text_encoder(name: str, *, device: str, batch_size: int) -> Encoder[str]:
    """``tfidf``, or a model.

    Args:
        name: ``tfidf``, a folder, or ``owner/model`` of the hub.
        device: what a model computes on.
        batch_size: texts that a model encodes at once.

    Raises:
        FileNotFoundError: there is no such model.
        ValueError: it cannot be loaded.
        ModuleNotFoundError: an extra is not installed; names it.
    """
    if name == TEXT:
        _require("sklearn", "threadpoolctl")
        from mmgraph.prepare.features.tfidf import TfidfEncoder

        return TfidfEncoder()
    _require("transformers", "sentence_transformers", "huggingface_hub")
    from mmgraph.prepare.features.sentence_model import SentenceEncoder

    return SentenceEncoder(name, device=device, batch_size=batch_size)


def image_encoder(name: str, *, device: str, batch_size: int) -> Encoder[Any]:
    """``colour``, or a model of transformers or timm; the arguments and errors are those of :func:`text_encoder`."""
    _require("PIL")
    if name == IMAGE:
        from mmgraph.prepare.features.colour import ColourEncoder

        return ColourEncoder()
    _require("transformers", "huggingface_hub")
    from mmgraph.prepare.features.model_files import find_model, read_config
    from mmgraph.prepare.features.timm_model import TimmEncoder
    from mmgraph.prepare.features.vision_model import VisionEncoder

    config = read_config(find_model(name))
    is_of_timm = "model_type" not in config and "architecture" in config
    model = TimmEncoder if is_of_timm else VisionEncoder
    return model(name, device=device, batch_size=batch_size)


def sound_encoder(name: str, *, device: str, batch_size: int) -> Encoder[Any]:
    """A model of transformers; the arguments and errors are those of :func:`text_encoder`."""
    _require("transformers", "sentence_transformers", "huggingface_hub")
    from mmgraph.prepare.features.sound_model import SoundEncoder

    return SoundEncoder(name, device=device, batch_size=batch_size)


def _require(*packages: str) -> None:
    for package in packages:
        if find_spec(package) is None:
            raise ModuleNotFoundError(missing_package(package), name=package)
