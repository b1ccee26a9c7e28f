from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mmgraph.datasets import MMRecFolder, cache

PAIRS = [(user, item) for user in range(6) for item in range(12) if (user + item) % 2 == 0]


@pytest.fixture
def pairs() -> list[tuple[int, int]]:
    """The interactions of :func:`folder`."""
    return PAIRS


@pytest.fixture
def inter(tmp_path) -> Callable[..., Path]:
    """Writes lines of a ``NAME.inter`` file."""

    def write(*lines: str, name: str = "toy") -> Path:
        path = tmp_path / f"{name}.inter"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def folder(tmp_path) -> Path:
    """A small complete data set: 6 users, 12 items, two modalities."""
    root = tmp_path / "toy"
    root.mkdir()
    lines = ["userID\titemID\trating\ttimestamp"]
    lines += [f"{user}\t{item}\t{1 + (user * item) % 5}\t{item * 10 + user}" for user, item in PAIRS]
    (root / "toy.inter").write_text("\n".join(lines) + "\n")
    rng = np.random.default_rng(0)
    np.save(root / "image_feat.npy", rng.normal(size=(12, 4)).astype(np.float16))
    np.save(root / "text_feat.npy", rng.normal(size=(12, 3)))
    return root


@pytest.fixture
def reads(monkeypatch) -> list[Path]:
    """Collects the folders that were read instead of taken from the cache."""
    read, original = [], MMRecFolder._read

    def counted(self, *arguments):
        read.append(self._inter)
        return original(self, *arguments)

    monkeypatch.setattr(MMRecFolder, "_read", counted)
    return read


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch) -> Path:
    """Keeps processed data away from the user's cache."""
    path = tmp_path / "cache"
    monkeypatch.setenv("MMGRAPH_CACHE", str(path))
    assert cache.default_cache_dir() == path
    return path
