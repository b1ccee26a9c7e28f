"""RedND, Fig. 3: final embeddings with and without the contrast, by t-SNE, beside numbers that a picture lacks."""

import textwrap
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from mmgraph.evidence.analyses.base import Analysis, Row, Runs, by_name, opened
from mmgraph.evidence.embeddings import draw_points, final_vectors
from mmgraph.evidence.figures import COLOURS
from mmgraph.evidence.projection import nearest_in_plane, nearest_neighbors, overlap, project, sample_rows
from mmgraph.evidence.smoothness import effective_rank

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TABLE = "how far the embeddings spread"
_UNIFORMITY_SCALE = 2.0
_TITLE_WIDTH = 40


def analyse(runs: Runs, *, side: str = "item", points: int = 2000, neighbors: int = 10, seed: int = 0) -> Analysis:
    """Each run's final embeddings in the plane, the same users or items of all of them.

    The paper shows the final representations of RedND (green) and of RedND without its contrast (blue) and calls the
    former "more discrete". Here the first run is green, the second blue; a panel each, as spaces of two trainings have
    nothing in common.

    Args:
        runs: such as ``{"RedND": ..., "RedND w/o CL": ...}``; of several seeds the first is shown, and the numbers are
            its own.
        side: ``"item"`` or ``"user"``; the paper does not state which.
        points: of more users or items as many are drawn, by the seed.
        neighbors: how many nearest ones of each are looked at.
        seed: of the draw and of t-SNE.

    Raises:
        ValueError: if a model has no vectors, or the runs are of different numbers of users or items.
        ModuleNotFoundError: without scikit-learn (the extra ``evidence``).
    """
    named = {name: opened(group.runs[0]) for name, group in by_name(runs).items()}
    vectors = {name: final_vectors(run.serving.encoding, side).detach().cpu() for name, run in named.items()}
    counts = {len(x) for x in vectors.values()}
    if len(counts) > 1:
        raise ValueError(f"the runs have different numbers of {side}s, {sorted(counts)}: give runs on the same data")
    row = sample_rows(counts.pop(), points, seed)
    shown = {name: x[row] for name, x in vectors.items()}
    places = {name: project(x, seed=seed) for name, x in shown.items()}
    near = {name: nearest_neighbors(x, neighbors) for name, x in shown.items()}
    first = next(iter(near.values()))
    rows = [
        {
            "run": name,
            "points": len(row),
            **_spread(shown[name], near[name]),
            "kept_in_picture": overlap(near[name], nearest_in_plane(places[name], neighbors)),
            "shared_with_first": overlap(near[name], first),
            "effective_rank": effective_rank(vectors[name]),
        }
        for name in named
    ]
    return Analysis(
        title=f"final {side} embeddings, t-SNE",
        tables=[(TABLE, rows)],
        draw=partial(_draw, places=places),
        notes=_notes(rows, len(row), len(next(iter(vectors.values()))), side, neighbors, seed),
        size=(3.4 * len(places), 3.4),
    )


def _spread(x: Tensor, near: Tensor) -> dict[str, float]:
    """How alike vectors are to their nearest ones and to all, and how evenly they cover the sphere."""
    unit = F.normalize(x.double(), dim=-1)
    cosine = unit @ unit.T
    pairs = ~torch.eye(len(x), dtype=torch.bool)
    return {
        "neighbor_cosine": float(cosine.gather(1, near).mean()),
        "mean_cosine": float(cosine[pairs].mean()),
        "uniformity": float((_UNIFORMITY_SCALE * 2 * (cosine[pairs] - 1)).exp().mean().log()),
    }


def _notes(rows: list[Row], points: int, count: int, side: str, neighbors: int, seed: int) -> list[str]:
    notes = [
        f"The same {points:,} of {count:,} {side}s in each panel (seed {seed}), by the directions of their vectors.",
        "uniformity: log of the mean of exp(-2 |x - y|^2) over pairs of unit vectors (Wang and Isola, ICML 2020): the "
        "lower, the more evenly they cover the sphere; mean_cosine: of all pairs.",
        f"kept_in_picture: share of the {neighbors} nearest vectors that are among the {neighbors} nearest in the "
        "picture; distances between clusters in it, and how large they look, mean nothing.",
    ]
    if len(rows) > 1:
        first, second = rows[0], rows[1]
        spread = "more" if first["uniformity"] < second["uniformity"] else "less"
        notes.append(
            f"By these numbers {first['run']} is spread {spread} evenly than {second['run']}: uniformity "
            f"{first['uniformity']:.3f} and {second['uniformity']:.3f}, mean cosine {first['mean_cosine']:.3f} and "
            f"{second['mean_cosine']:.3f}."
        )
    return notes


def _draw(figure: "Figure", *, places: Mapping[str, np.ndarray]) -> None:
    green_and_blue = [COLOURS[1], COLOURS[0], *COLOURS[2:]]
    panels = figure.subplots(1, len(places), squeeze=False)[0]
    for axes, (name, place), colour in zip(panels, places.items(), green_and_blue, strict=False):
        draw_points(axes, place, colour)
        axes.set_title(textwrap.fill(name, _TITLE_WIDTH))
