"""Hyperedges of two users as squares, and their items below the one that each depends on most."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mmgraph.evidence.figures import COLOURS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Row = Mapping[str, Any]
_MOST_SHOWN = 6
"""Hyperedges, those that the two users depend on most."""
_MOST_ITEMS = 12
_WIDEST_NAME = 22


def depth_of(of_items: Sequence[Row]) -> int:
    """The most items that stand below one hyperedge."""
    below = Counter((row["modality"], row["user"], row["hyperedge"]) for row in of_items)
    return min(_MOST_ITEMS, max(below.values(), default=0))


def draw_hyperedges(figure: "Figure", *, of_users: Sequence[Row], of_items: Sequence[Row]) -> None:
    """A row of panels for each modality, a panel a user: squares shaded by dependency, items under theirs."""
    modalities = list(dict.fromkeys(row["modality"] for row in of_users))
    users = list(dict.fromkeys(row["user"] for row in of_users))
    depth = depth_of(of_items)
    panels = figure.subplots(len(modalities), len(users), squeeze=False)
    for line, modality in zip(panels, modalities, strict=True):
        shown = _shown([row for row in of_users if row["modality"] == modality])
        for axes, user in zip(line, users, strict=True):
            own = {"modality": modality, "user": user}
            edges = [row for row in of_users if row.items() >= own.items()]
            items = [row for row in of_items if row.items() >= own.items()]
            _panel(axes, shown, edges, items)
            axes.set(xlim=(-0.6, len(shown) - 0.4), ylim=(-0.9 - 0.3 * depth, 0.5))
            axes.axis("off")
            elsewhere = sum(row["hyperedge"] not in shown for row in items)
            axes.set_title(f"{modality}, user {user}" + (f" ({elsewhere} items elsewhere)" if elsewhere else ""))


def _shown(rows: Sequence[Row]) -> list[int]:
    total: dict[int, float] = {}
    for row in rows:
        total[row["hyperedge"]] = total.get(row["hyperedge"], 0.0) + row["dependency"]
    return sorted(sorted(total, key=lambda edge: -total[edge])[:_MOST_SHOWN])


def _panel(axes: Any, shown: list[int], edges: Sequence[Row], items: Sequence[Row]) -> None:
    by_edge = {row["hyperedge"]: row for row in edges}
    for place, edge in enumerate(shown):
        share = by_edge[edge]["dependency"]
        axes.add_patch(_square(place, share))
        label = f"h{edge + 1}: {share:.2f}\nitems {by_edge[edge]['of_items']:.2f}"
        axes.text(place, 0, label, ha="center", va="center", fontsize=6, color="white" if share > 0.5 else "black")
        own = [row for row in items if row["hyperedge"] == edge]
        for line, row in enumerate(own[:_MOST_ITEMS], start=1):
            name = _short(row["title"] or row["item"])
            axes.text(place, -0.35 - 0.3 * line, name, ha="center", va="center", fontsize=5.5)
        if len(own) > _MOST_ITEMS:
            axes.text(place, -0.75 - 0.3 * _MOST_ITEMS, f"+ {len(own) - _MOST_ITEMS}", ha="center", fontsize=5.5)


def _square(place: int, share: float) -> Any:
    from matplotlib.colors import to_rgba
    from matplotlib.patches import Rectangle

    colour = to_rgba(COLOURS[0], share)
    return Rectangle((place - 0.35, -0.35), 0.7, 0.7, facecolor=colour, edgecolor="black", linewidth=0.8)


def _short(name: str) -> str:
    return name if len(name) <= _WIDEST_NAME else f"{name[: _WIDEST_NAME - 1]}…"
