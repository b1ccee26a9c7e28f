"""Files of tensors under content keys: written whole or not at all, checked when read, never unpickled."""

import hashlib
import io
import json
import os
import re
import time
import warnings
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch

from mmgraph.files import atomic_write
from mmgraph.reading import hash_file

_DIGEST_SIZE = hashlib.sha256().digest_size
_UNFINISHED = re.compile(r"\..+-[0-9a-f]{32}\.pt\.[0-9a-f]{32}\.tmp")
_UNFINISHED_SECONDS = 3600  # a younger one may belong to a process that is still at it


def default_cache_dir() -> Path | None:
    """Returns the folder of ``MMGRAPH_CACHE``, else ``~/.cache/mmgraph``; None, with a warning, without a home folder.

    Containers have users whom the system does not know.
    """
    try:
        return Path(os.environ.get("MMGRAPH_CACHE") or "~/.cache/mmgraph").expanduser()
    except RuntimeError as error:
        warnings.warn(f"going on without a cache: {error} Set cache_dir or MMGRAPH_CACHE", stacklevel=2)
        return None


def content_key(files: Iterable[Path], options: Mapping[str, Any]) -> str:
    """Returns a key that changes with any byte or name of a file, any option and the code of this package.

    Args:
        files: what the cached thing is made of.
        options: JSON-compatible values.
    """
    here = Path(__file__).parent
    code = {f"{f.parent.name}/{f.name}": hash_file(f) for d in (here, here.parent / "reading") for f in d.glob("*.py")}
    content = {path.name: hash_file(path) for path in files}
    text = json.dumps([code, content, dict(options)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def file_path(directory: Path, name: str, key: str) -> Path:
    """Where the content of a key is kept."""
    return directory / f"{name}-{key[:32]}.pt"


def save(path: Path, content: Mapping[str, Any]) -> None:
    """Writes tensors and plain values; a folder that cannot be written to is a warning, for a cache is never needed.

    What killed processes left half-written in the folder is removed.
    """
    buffer = io.BytesIO()
    torch.save(dict(content), buffer)
    try:
        with atomic_write(path, "wb") as file:
            file.write(hashlib.sha256(buffer.getbuffer()).digest())
            file.write(buffer.getbuffer())
        _remove_unfinished(path.parent)
    except OSError as error:
        warnings.warn(f"going on without a cache: {error}; set cache_dir or MMGRAPH_CACHE", stacklevel=2)


def load(path: Path, *, max_bytes: int) -> dict[str, Any] | None:
    """Returns what :func:`save` wrote, or ``None`` where there is no file or not a whole one.

    Args:
        path: the file; others may have write access to its folder.
        max_bytes: a larger file is none that :func:`save` wrote.
    """
    try:
        if not path.is_file() or path.stat().st_size > max_bytes:
            return None
        blob = path.read_bytes()
        digest = blob[:_DIGEST_SIZE]
        payload = memoryview(blob)[_DIGEST_SIZE:]
        # torch does not notice a flipped bit inside a tensor.
        if hashlib.sha256(payload).digest() != digest:
            return None
        # torch.save stores; a deflated member could unpack to any size.
        if any(
            member.compress_type != zipfile.ZIP_STORED for member in zipfile.ZipFile(io.BytesIO(payload)).infolist()
        ):
            return None
        content = torch.load(io.BytesIO(payload), weights_only=True)
    except Exception:  # whatever is wrong with it: a cache is never needed
        return None
    return content if isinstance(content, dict) else None


def _remove_unfinished(directory: Path) -> None:
    for path in directory.iterdir():
        if _UNFINISHED.fullmatch(path.name) and path.stat().st_mtime < time.time() - _UNFINISHED_SECONDS:
            path.unlink(missing_ok=True)
