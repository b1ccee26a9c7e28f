"""The items' vectors as an index of faiss, with what it finds of what an exact search finds."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mmgraph.files import atomic_write
from mmgraph.pipeline.export.vectors import vectors_of

if TYPE_CHECKING:
    from mmgraph.pipeline.result import Run

EXACT_BELOW = 50_000
"""Items; an exact search of fewer takes about a millisecond."""
WANTED_RECALL = 0.95
_LISTS_PER_ROOT = 4
_QUERIES = 1_000
_NEIGHBORS = 100
_SEED = 0


def write_index(run: "Run", folder: Path) -> list[Path]:
    """Writes ``items.faiss``, an index by inner product whose number i is row i of the items, and ``index.json``.

    Below :data:`EXACT_BELOW` items it is exact. Above, vectors lie in lists by their nearest centre, and as many lists
    are looked through as it takes to find :data:`WANTED_RECALL` of what is truly nearest to a thousand drawn users;
    ``index.json`` states what was measured.

    Raises:
        ValueError: if the model's users and items are no vectors.
        ImportError: without faiss.
    """
    import faiss

    user, item = (np.ascontiguousarray(x.float().numpy()) for x in vectors_of(run))
    index, found = _exact(item) if len(item) < EXACT_BELOW else approximate_index(user, item)
    paths = [folder / "items.faiss", folder / "index.json"]
    with atomic_write(paths[0], "wb") as file:
        file.write(faiss.serialize_index(index).tobytes())
    with atomic_write(paths[1]) as file:
        json.dump(found | {"items": len(item), "dim": item.shape[1], "metric": "inner product"}, file, indent=1)
    return paths


def _exact(item: np.ndarray) -> tuple[Any, dict[str, Any]]:
    import faiss

    index = faiss.IndexFlatIP(item.shape[1])
    index.add(item)
    return index, {"kind": "exact", "recall": 1.0}


def approximate_index(user: np.ndarray, item: np.ndarray) -> tuple[Any, dict[str, Any]]:
    """Lists of vectors by their nearest centre, and how many of the lists are looked through.

    Args:
        user: float32 ``(users, d)``; queries are drawn from them.
        item: float32 ``(items, d)``.

    Returns:
        The index, and ``kind``, ``lists``, ``probes``, ``recall`` (of the 100 nearest) and the number of ``queries``.
    """
    import faiss

    lists = int(_LISTS_PER_ROOT * len(item) ** 0.5)
    quantizer = faiss.IndexFlatIP(item.shape[1])
    index = faiss.IndexIVFFlat(quantizer, item.shape[1], lists, faiss.METRIC_INNER_PRODUCT)
    index.cp.seed = _SEED
    index.train(item)
    index.add(item)
    drawn = np.random.default_rng(_SEED).choice(len(user), min(_QUERIES, len(user)), replace=False)
    query = user[np.sort(drawn)]
    wanted = min(_NEIGHBORS, len(item))
    exact, _ = _exact(item)
    _, truth = exact.search(query, wanted)
    index.nprobe = 1
    while (recall := _recall(index, query, truth)) < WANTED_RECALL and index.nprobe < lists:
        index.nprobe = min(2 * index.nprobe, lists)
    found = {"kind": "approximate", "lists": lists, "probes": index.nprobe, "recall": recall, "queries": len(query)}
    return index, found


def _recall(index: Any, query: np.ndarray, truth: np.ndarray) -> float:
    """The share of the truly nearest that the index finds, over all queries."""
    _, found = index.search(query, truth.shape[1])
    hits = sum(len(np.intersect1d(a, b)) for a, b in zip(found, truth, strict=True))
    return float(hits / truth.size)
