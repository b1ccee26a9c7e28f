"""An approximate index of item vectors (faiss), for catalogues that are too large to look through at each request."""

from collections.abc import Sequence

import numpy as np

from mmgraph.serve.ranked import Ranked, in_order

_MOST_FETCHED = 4096
"""Faiss's lists are no longer than that at a price; whoever has more items than this is ranked exactly."""
_CELLS = 2
"""Times the square root of the number of items: 2,000 cells for a million."""
_PROBES = (4, 8, 16, 32, 64, 128, 256)
_SAMPLE = 128
_DEPTH = 20
_TRAINED_ON = 40
"""Vectors for each cell's centre: faiss asks for 39."""


class ItemIndex:
    """Finds the items with the largest inner products in a few cells of all.

    As many cells are looked at as it takes to find the share ``recall`` of the true first 20 of a sample of users.

    Args:
        items: ``(items, dim)`` float32.
        users: ``(users, dim)`` float32, whose lists it is tried on.
        recall: the share.

    Attributes:
        recall: the share that was found in the end.
        probes: in how many cells.

    Raises:
        ModuleNotFoundError: without faiss (the extra ``search``).
    """

    def __init__(self, items: np.ndarray, users: np.ndarray, *, recall: float = 0.95) -> None:
        import faiss

        cells = max(1, int(_CELLS * np.sqrt(len(items))))
        quantizer = faiss.IndexFlatIP(items.shape[1])
        self._index = faiss.IndexIVFFlat(quantizer, items.shape[1], cells, faiss.METRIC_INNER_PRODUCT)
        rng = np.random.default_rng(0)
        trained_on = rng.choice(len(items), min(len(items), _TRAINED_ON * cells), replace=False)
        self._index.train(np.ascontiguousarray(items[np.sort(trained_on)]))
        self._index.add(np.ascontiguousarray(items))
        tried = rng.choice(len(users), min(len(users), _SAMPLE), replace=False)
        self._choose_probes(items, np.ascontiguousarray(users[np.sort(tried)]), recall)

    def _choose_probes(self, items: np.ndarray, queries: np.ndarray, wanted: float) -> None:
        depth = min(_DEPTH, len(items))
        scores = queries @ items.T
        least = np.partition(scores, len(items) - depth, axis=1)[:, len(items) - depth]
        for self.probes in _PROBES:
            self._index.nprobe = self.probes
            found = self._index.search(queries, depth)[0]
            # A float32 sum in another order may differ in its last digits.
            self.recall = float((found >= least[:, None] - 1e-5 * np.abs(least[:, None])).mean())
            if self.recall >= wanted:
                break

    def search(self, vector: np.ndarray, k: int, *, left_out: Sequence[np.ndarray]) -> Ranked | None:
        """The k best items that are not left out; None where they are not to be found this way.

        So many more are fetched that k remain whatever of them is left out.
        """
        gone = np.concatenate(left_out) if left_out else np.empty(0, dtype=np.int64)
        wanted = min(k + gone.size, self._index.ntotal)
        if wanted > _MOST_FETCHED:
            return None
        scores, items = self._index.search(vector[None], wanted)
        remain = (items[0] >= 0) & ~np.isin(items[0], gone)
        found = in_order(items[0][remain], scores[0][remain], k)
        return found if found.items.size == k else None
