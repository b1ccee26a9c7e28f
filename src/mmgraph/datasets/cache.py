"""Files of tensors under content keys: written whole or not at all, checked when read, never unpickled."""

import hashlib
import io
import json
import os
import pickle
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch

from mmgraph.files import atomic_write

_DIGEST_SIZE = hashlib.sha256().digest_size


def default_cache_dir() -> Path:
    """Returns the folder of ``MMGRAPH_CACHE``, else ``~/.cache/mmgraph``."""
    return Path(os.environ.get("MMGRAPH_CACHE") or "~/.cache/mmgraph").expanduser()


def content_key(files: Iterable[Path], options: Mapping[str, Any]) -> str:
    """Returns a key that changes with any byte or name of a file, any option and the code of this package.

    Args:
        files: what the cached thing is made of.
        options: JSON-compatible values.
    """
    code = {path.name: _sha256(path) for path in sorted(Path(__file__).parent.glob("*.py"))}
    content = {path.name: _sha256(path) for path in files}
    text = json.dumps([code, content, dict(options)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def save(path: Path, content: Mapping[str, Any]) -> None:
    """Writes tensors and plain values; a folder that cannot be written to is a warning, for a cache is never needed."""
    buffer = io.BytesIO()
    torch.save(dict(content), buffer)
    try:
        with atomic_write(path, "wb") as file:
            file.write(hashlib.sha256(buffer.getbuffer()).digest())
            file.write(buffer.getbuffer())
    except OSError as error:
        warnings.warn(f"going on without a cache: {error}; set cache_dir or MMGRAPH_CACHE", stacklevel=2)


def load(path: Path) -> dict[str, Any] | None:
    """Returns what :func:`save` wrote, or ``None`` where there is no file or not a whole one."""
    try:
        blob = path.read_bytes()
    except OSError:
        return None
    digest, payload = blob[:_DIGEST_SIZE], memoryview(blob)[_DIGEST_SIZE:]
    # torch does not notice a flipped bit inside a tensor.
    if hashlib.sha256(payload).digest() != digest:
        return None
    try:
        return torch.load(io.BytesIO(payload), weights_only=True)
    except (RuntimeError, pickle.UnpicklingError):  # written by a torch that this one does not read
        return None


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(2**20):
            digest.update(chunk)
    return digest.hexdigest()
