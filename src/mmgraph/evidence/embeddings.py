"""A run's embeddings: numbers for over-smoothing by layer, and a picture of the final ones."""

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from mmgraph.evidence.analyses.base import Analysis, Row, RunLike, opened
from mmgraph.evidence.figures import COLOURS, DASHES, MARKERS
from mmgraph.evidence.layers import encode_by_layer
from mmgraph.evidence.projection import nearest_in_plane, nearest_neighbors, overlap, project, sample_rows
from mmgraph.evidence.smoothness import MAX_EDGES, Smoothness, effective_rank, smoothness
from mmgraph.models.base import item_features
from mmgraph.nn import check_in_memory
from mmgraph.pipeline.repeatable import repeatable
from mmgraph.pipeline.result import Run
from mmgraph.typing import INTERACTS, Encoding, Sides

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FINAL = "final"
_NEIGHBORS = 10


class Projection(NamedTuple):
    """Final vectors of one side in the plane.

    Attributes:
        row: which users or items, ascending ``(points,)``.
        place: where each stands ``(points, 2)``.
        kept: share of each point's ten nearest vectors that are among its ten nearest in the plane, on average: how far
            the picture can be believed.
        total: how many users or items there are.
    """

    row: Int[Tensor, " points"]
    place: Float[np.ndarray, "points 2"]
    kept: float
    total: int


def projection(
    run: RunLike, *, side: str = "item", method: str = "tsne", points: int = 2000, seed: int = 0
) -> Projection:
    """The final vectors of users or items in two dimensions, by their directions; the data are not needed.

    Args:
        run: a finished run.
        side: ``"item"`` or ``"user"``.
        method: ``"pca"``, ``"tsne"``, or ``"umap"`` (package umap-learn, the extra ``umap``).
        points: of more users or items as many are drawn, by the seed.
        seed: of the draw, of t-SNE and of UMAP.

    Raises:
        ValueError: for another side or method, fewer than three points, or a model without vectors.
        ModuleNotFoundError: if a package is missing; names the extra.
    """
    x = final_vectors(opened(run).serving.encoding, side)
    row = sample_rows(len(x), points, seed)
    vectors = x[row.to(x.device)].cpu()
    place = project(vectors, method=method, seed=seed)
    k = min(_NEIGHBORS, len(row) - 1)
    kept = overlap(nearest_neighbors(vectors, k), nearest_in_plane(place, k))
    return Projection(row, place, kept, len(x))


def final_vectors(encoding: Encoding, side: str) -> Tensor:
    """The final vectors of one side.

    Raises:
        ValueError: if it is no side, or the model gives it no vectors.
    """
    if side not in ("user", "item"):
        raise ValueError(f"side={side!r}: must be user or item")
    if not has_vectors(encoding):
        raise ValueError(f"this model has no vectors of {side}s (it weighs or counts items): there is nothing to show")
    return cast(Tensor, getattr(encoding, side))


def has_vectors(encoding: Encoding) -> bool:
    """Whether users and items are vectors; a model that weighs items has interactions and weights in their place."""
    sides = (encoding.user, encoding.item)
    return all(x.layout is torch.strided and x.dim() == 2 and x.size(1) >= 2 for x in sides)


def final_smoothness(run: RunLike) -> Row:
    """The numbers of :class:`Smoothness` of a run's final vectors; the data are not needed.

    Where scores are no inner products, users and items live apart: then there are the ranks alone.

    Raises:
        ValueError: if the model has no vectors.
    """
    serving = opened(run).serving
    user, item = (final_vectors(serving.encoding, side) for side in ("user", "item"))
    if serving.is_product:
        edges = serving.known["train"].pairs().to(user.device)
        return smoothness(Sides(user, item), edges)._asdict()
    none = dict.fromkeys(Smoothness._fields, None)
    return none | {"user_rank": effective_rank(user), "item_rank": effective_rank(item)}


def smoothness_by_layer(run: RunLike) -> list[Row]:
    """The numbers of :class:`Smoothness` after each round of messages over the interactions, then of the final vectors.

    Args:
        run: a finished run whose data are there.

    Returns:
        A row for each ``part`` of the model that passes such messages (with the modality's name where it does so for
        each) and ``layer``, 0 being what comes in. Models with messages of another kind have the last row alone.

    Raises:
        FileNotFoundError: if the data are gone.
    """
    found = opened(run)
    check_in_memory(found.graph, "smoothness of vectors")
    edges = found.graph[INTERACTS].edge_index
    rows: list[tuple[str, int, int, Smoothness]] = []

    def note(part: str, call: int, layer: int, sides: Sides) -> None:
        rows.append((part, call, layer, smoothness(sides, edges)))

    with repeatable():
        encode_by_layer(found.model, found.graph, note)
    names = _part_names(found, [(part, call) for part, call, _, _ in rows])
    by_layer: list[Row] = [
        {"part": names[part, call], "layer": layer, **numbers._asdict()} for part, call, layer, numbers in rows
    ]
    return [*by_layer, {"part": FINAL, "layer": None, **final_smoothness(found)}]


def _part_names(run: Run, calls: list[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """What each call of a part is named: a part that runs once for each modality, by these."""
    modalities = list(item_features(run.graph))
    times = Counter(part for part, _ in set(calls))
    found = {}
    for part, call in calls:
        which = modalities[call] if times[part] == len(modalities) else str(call + 1)
        found[part, call] = part if times[part] == 1 else f"{part} ({which})"
    return found


def analyse(run: RunLike, *, side: str = "item", method: str = "tsne", points: int = 2000, seed: int = 0) -> Analysis:
    """Over-smoothing by layer beside a picture of the final vectors.

    Args:
        run: a finished run whose data are there.
        side: of the picture, as are the others: see :func:`projection`.
        method: ``"pca"``, ``"tsne"`` or ``"umap"``.
        points: in the picture, at the most.
        seed: of the picture.

    Raises:
        ValueError: if a word cannot be right, or the model has no vectors.
    """
    found = opened(run)
    rows = smoothness_by_layer(found)
    shown = projection(found, side=side, method=method, points=points, seed=seed)
    notes = [
        "neighbor_cosine: of users and items that interact; random_cosine: of any. relative_energy: 0 where neighbours "
        "are equal, 1 where they are orthogonal. Ranks: in how many directions users and items spread.",
        f"The picture holds {len(shown.row):,} of {shown.total:,} {side}s (seed {seed}); of the ten nearest of "
        f"each, {shown.kept:.0%} are among its ten nearest in it.",
    ]
    if found.graph[INTERACTS].edge_index.size(1) > MAX_EDGES:
        notes.append(f"Neighbours are {MAX_EDGES:,} interactions drawn at random.")
    return Analysis(
        title=f"embeddings of {found.report.model} on {found.report.dataset}",
        tables=[("over-smoothing by layer", rows)],
        draw=partial(_draw, rows=rows, shown=shown, label=f"{method}, {side}s"),
        notes=notes,
        size=(9.0, 3.4),
    )


def _draw(figure: "Figure", *, rows: list[Row], shown: Projection, label: str) -> None:
    cosine, rank, picture = figure.subplots(1, 3)
    for place, part in enumerate(dict.fromkeys(row["part"] for row in rows if row["part"] != FINAL)):
        own = [row for row in rows if row["part"] == part]
        style = {"color": COLOURS[place], "ls": DASHES[place], "marker": MARKERS[place], "ms": 4, "label": part}
        layers = [row["layer"] for row in own]
        cosine.plot(layers, [row["neighbor_cosine"] for row in own], **style)
        rank.plot(layers, [row["item_rank"] for row in own], **style)
    final = rows[-1]
    for axes, name, title in (
        (cosine, "neighbor_cosine", "mean cosine to neighbours"),
        (rank, "item_rank", "effective rank of items"),
    ):
        if final[name] is not None:
            axes.axhline(final[name], color="grey", lw=0.8, label=FINAL)
        axes.set_title(title)
        axes.set_xlabel("layer")
        axes.xaxis.get_major_locator().set_params(integer=True)
    figure.legend(*cosine.get_legend_handles_labels(), loc="outside lower center", ncols=5, fontsize=7)
    draw_points(picture, shown.place, COLOURS[0])
    picture.set_title(label)


def draw_points(axes: object, place: Float[np.ndarray, "points 2"], colour: str) -> None:
    """Points in the plane, whose axes mean nothing; as an image in an SVG, where thousands of shapes would be slow."""
    axes.scatter(*place.T, s=3, color=colour, alpha=0.5, lw=0, rasterized=True)  # type: ignore[attr-defined]
    axes.axis("off")  # type: ignore[attr-defined]
