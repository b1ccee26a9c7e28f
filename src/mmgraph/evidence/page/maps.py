"""Maps of the items' final vectors, coloured by category or popularity, with numbers for over-smoothing."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from mmgraph.evidence.embeddings import final_smoothness, has_vectors, projection, smoothness_by_layer
from mmgraph.evidence.page.items import Items
from mmgraph.evidence.page.plain import short
from mmgraph.pipeline.result import Run
from mmgraph.pipeline.serving import Serving

METHODS = ("pca", "tsne", "umap")
_POINTS = 800
_SCALE = 1000
_MOST_CATEGORIES = 7
_OTHER = "other"
_QUARTERS = ("quarter with the fewest interactions", "second quarter", "third quarter", "quarter with the most")


def maps(run: Run, items: Items, methods: Sequence[str]) -> dict[str, Any] | None:
    """Maps and numbers; None of a model without vectors.

    Args:
        run: one of the group's.
        items: is told which items are on the map.
        methods: some of :data:`METHODS`.

    Raises:
        ModuleNotFoundError: if a package is missing; names the extra.
    """
    serving = run.serving
    if not methods or not has_vectors(serving.encoding):
        return None
    found = {method: projection(run, side="item", method=method, points=_POINTS) for method in methods}
    rows = found[methods[0]].row
    names, label = _classes(serving)
    return {
        "items": items.refer(rows, pictures=False),
        "count": len(serving.encoding.item),
        "names": names,
        "label": label[rows].tolist(),
        "places": {method: _scaled(one.place) for method, one in found.items()},
        "kept": {method: short(one.kept) for method, one in found.items()},
    }


def smoothness_rows(run: Run) -> list[dict[str, Any]]:
    """Numbers for over-smoothing by layer; of the final vectors alone where the data are gone."""
    try:
        rows = smoothness_by_layer(run)
    except (OSError, ValueError):
        rows = [{"part": "final", "layer": None, **final_smoothness(run)}]
    return [{key: short(value) if isinstance(value, float) else value for key, value in row.items()} for row in rows]


def _classes(serving: Serving) -> tuple[list[str], Tensor]:
    """Names of the classes that are told apart by colour, and the class of each item."""
    if serving.category in serving.columns:
        return _by_category(list(serving.columns[serving.category]))
    train = serving.known["train"]
    counts = train.item.bincount(minlength=train.num_items)
    order = counts.argsort(stable=True).argsort()
    return list(_QUARTERS), order * len(_QUARTERS) // max(len(order), 1)


def _by_category(texts: Sequence[str]) -> tuple[list[str], Tensor]:
    """The largest categories, and the rest together."""
    largest = [name for name, _ in Counter(text for text in texts if text).most_common(_MOST_CATEGORIES)]
    place = {name: number for number, name in enumerate(largest)}
    return [*largest, _OTHER], torch.tensor([place.get(text, len(largest)) for text in texts])


def _scaled(place: Float[np.ndarray, "points 2"]) -> list[list[int]]:
    """Coordinates as whole numbers from 0 to 1,000, the same scale along both axes."""
    low = place.min(0)
    span = float((place.max(0) - low).max()) or 1.0
    return ((place - low) / span * _SCALE).round().astype(int).tolist()
