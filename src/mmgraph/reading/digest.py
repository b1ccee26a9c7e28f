"""What distinguishes one file from another."""

import hashlib
from pathlib import Path


def hash_file(path: Path) -> str:
    """SHA-256 over the bytes of a file, however large."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(2**20):
            digest.update(chunk)
    return digest.hexdigest()
