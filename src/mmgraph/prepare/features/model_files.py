"""A model's files, by the name of a folder or of the Hugging Face hub: weights as safetensors, no code, no pickles."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mmgraph.reading import hash_file

_WANTED = ("*.json", "*.txt", "*.model", "*.safetensors")
"""What is fetched: settings, vocabularies, weights. No Python file, no pickle."""
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")


def find_model(name: str) -> Path:
    """The folder of a model: a local one, else that of the hub's cache, else fetched from the hub.

    Args:
        name: a path, or ``owner/model`` as the hub has it.

    Raises:
        FileNotFoundError: there is no such folder, and the hub has no such model or cannot be reached.
        ValueError: the folder holds no model, or weights that would have to be unpickled.
        ModuleNotFoundError: the extra ``[encoders]`` is not installed.
    """
    folder = Path(name).expanduser()
    if not folder.is_dir():
        folder = _fetched(name)
    if not (folder / "config.json").is_file():
        raise ValueError(f"{folder}: holds no model (no config.json)")
    check_weights(folder)
    return folder


def check_weights(folder: Path) -> None:
    """Refuses a model of which a part has no weights but pickled ones.

    Raises:
        ValueError: names the part.
    """
    for place in [folder, *sorted(path for path in folder.iterdir() if path.is_dir())]:
        pickled = [path.name for pattern in _PICKLES for path in place.glob(pattern)]
        if pickled and not any(place.glob("*.safetensors")):
            raise ValueError(
                f"{place}: has its weights as {pickled[0]}, which would have to be unpickled and can run code; only "
                "safetensors are loaded. Save them anew, where you trust the file: model.save_pretrained(folder)"
            )
    if not any(folder.glob("**/*.safetensors")):
        raise ValueError(f"{folder}: has no weights (no *.safetensors)")


def hash_model(folder: Path) -> str:
    """SHA-256 over the names and contents of a model's files."""
    paths = {path for pattern in _WANTED for path in folder.rglob(pattern) if path.is_file()}
    listed = [[path.relative_to(folder).as_posix(), hash_file(path)] for path in sorted(paths)]
    return hashlib.sha256(json.dumps(listed).encode()).hexdigest()


def read_config(folder: Path) -> dict[str, Any]:
    """The model's ``config.json``.

    Raises:
        ValueError: it is no JSON object.
    """
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: cannot be read as JSON: {error}") from error
    if not isinstance(config, dict):
        raise ValueError(f"{path}: must be a JSON object")
    return config


@contextmanager
def loading(name: str) -> Iterator[None]:
    """What a library raises while it loads a model is a sentence that names the model; its bars are not shown.

    Raises:
        ValueError: the model cannot be loaded.
    """
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    except ModuleNotFoundError:
        raise
    except (ImportError, OSError, ValueError, KeyError, RuntimeError, AttributeError, TypeError) as error:
        reason = (str(error) or type(error).__name__).strip().partition("\n")[0]
        raise ValueError(f"{name}: cannot be loaded ({reason}). Code that a model brings along is never run") from error
    finally:
        if shown:
            logging.enable_progress_bar()


def _fetched(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    if name.count("/") != 1:
        raise FileNotFoundError(
            f"{name}: is no encoder (tfidf, colour), no folder, and no model of the hub (owner/model)"
        )
    try:
        folder = Path(snapshot_download(name, allow_patterns=list(_WANTED), local_files_only=True))
        if any(folder.glob("**/*.safetensors")):
            return folder
    except HFValidationError as error:
        raise FileNotFoundError(f"{name}: is no folder, and no name that the hub could have: {error}") from error
    except LocalEntryNotFoundError:
        pass  # it has never been fetched
    try:
        return Path(snapshot_download(name, allow_patterns=list(_WANTED)))
    except Exception as error:  # the network fails in a dozen ways
        reason = (str(error) or type(error).__name__).strip().partition("\n")[0]
        raise FileNotFoundError(
            f"{name}: is no folder, does not lie in the hub's cache, and could not be fetched ({reason}). Copy the "
            "model to a folder, and name that"
        ) from error
