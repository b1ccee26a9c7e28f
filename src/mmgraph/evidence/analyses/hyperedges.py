"""LGMRec, Fig. 5: the hyperedges of two users and of the items that they chose, with the items' names."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor

from mmgraph.evidence.analyses.base import Analysis, Row, RunLike, opened
from mmgraph.evidence.figures import COLOURS
from mmgraph.evidence.memberships import Memberships, encode_with_memberships
from mmgraph.pipeline.result import Run
from mmgraph.typing import Encoding, Sides

if TYPE_CHECKING:
    from matplotlib.figure import Figure

OF_USERS = "hyperedges of the users"
OF_ITEMS = "hyperedges of their items"
_MOST_SHOWN = 6
"""Hyperedges in the figure, those that the two users depend on most."""
_MOST_ITEMS = 12
_WIDEST_NAME = 22
_TITLES = ("title", "name")


def analyse(run: RunLike, *, users: Sequence[Any] | None = None, seed: int = 0) -> Analysis:
    """How far two users, and each of their train items, belong to each hyperedge of each modality.

    The paper draws two users with similar global embeddings; the second one here is, of the users with as few items,
    the one whose global embedding is nearest to that of the first.

    Args:
        run: a finished run of LGMRec or MGNM whose data are there.
        users: the ids of two users; by default drawn.
        seed: of the draw.

    Raises:
        ValueError: if the model has no hyperedges that users and items belong to, or not two users are given.
        FileNotFoundError: if the data are gone.
    """
    found = opened(run)
    encoding, members = encode_with_memberships(found.model, found.graph)
    whole = _global_vectors(encoding, list(members))
    pair = _two_users(found, whole, users, seed)
    names = [str(name) for name in found.serving.users.ids(pair).tolist()]
    items = {name: _train_items(found, int(user)) for name, user in zip(names, pair, strict=True)}
    of_users = _rows_of_users(names, pair, members)
    of_items = _rows_of_items(found, items, members)
    return Analysis(
        title=f"hyperedges of two users, {found.report.model} on {found.report.dataset}",
        tables=[(OF_USERS, of_users), (OF_ITEMS, of_items)],
        draw=partial(_draw, of_users=of_users, of_items=of_items),
        notes=_notes(whole, pair, names, items, members, given=users is not None),
        size=(10.0, 2.9 * len(members)),
    )


def _global_vectors(encoding: Encoding, modalities: Sequence[str]) -> Tensor:
    """The users' global embeddings, summed over the modalities (Eq. 11)."""
    return torch.stack([Sides(*encoding.views[f"hyper.{name}"]).user.cpu() for name in modalities]).sum(0)


def _two_users(run: Run, whole: Tensor, users: Sequence[Any] | None, seed: int) -> Tensor:
    if users is not None:
        if isinstance(users, str) or len(users) != 2:
            raise ValueError(f"users must be the ids of two users, such as [3, 14]; got {users!r:.80}")
        return run.serving.users.rows(list(users), name="users")
    train = run.serving.known["train"]
    count = train.counts(torch.arange(len(run.serving.users)))
    few = ((count > 2) & (count <= max(_MOST_ITEMS, int(count.median())))).nonzero().flatten()
    generator = torch.Generator().manual_seed(seed)
    first = few[torch.randint(few.numel(), (1,), generator=generator)]
    cosine = F.cosine_similarity(whole[few], whole[first], dim=-1)
    cosine[few == first] = -torch.inf
    return torch.cat([first, few[cosine.argmax()].reshape(1)])


def _train_items(run: Run, user: int) -> Tensor:
    return run.serving.known["train"].entries(torch.tensor([user]))[1]


def _rows_of_users(names: Sequence[str], pair: Tensor, members: dict[str, Memberships]) -> list[Row]:
    return [
        {"modality": modality, "user": name, "hyperedge": edge, "dependency": float(share)}
        for modality, found in members.items()
        for name, user in zip(names, pair, strict=True)
        for edge, share in enumerate(found.user[user])
    ]


def _rows_of_items(run: Run, items: dict[str, Tensor], members: dict[str, Memberships]) -> list[Row]:
    """Each item by the hyperedge that it depends on most, those that do so most first."""
    serving = run.serving
    titles = next((serving.columns[name] for name in _TITLES if name in serving.columns), None)
    rows: list[Row] = []
    for modality, found in members.items():
        for user, own in items.items():
            share, edge = found.item[own].max(-1)
            for place in share.argsort(descending=True, stable=True).tolist():
                item = int(own[place])
                rows.append(
                    {
                        "modality": modality,
                        "user": user,
                        "hyperedge": int(edge[place]),
                        "item": str(serving.items.ids(own[place : place + 1]).tolist()[0]),
                        "title": None if titles is None else titles[item],
                        "dependency": float(share[place]),
                    }
                )
    return rows


def _notes(
    whole: Tensor,
    pair: Tensor,
    names: Sequence[str],
    items: dict[str, Tensor],
    members: dict[str, Memberships],
    *,
    given: bool,
) -> list[str]:
    cosine = float(F.cosine_similarity(whole[pair[0]], whole[pair[1]], dim=0))
    drawn = torch.randint(len(whole), (2, 10_000), generator=torch.Generator().manual_seed(0))
    usual = float(F.cosine_similarity(whole[drawn[0]], whole[drawn[1]], dim=-1).median())
    both = len(set(items[names[0]].tolist()) & set(items[names[-1]].tolist()))
    used = ", ".join(f"{name} {_used(found.item):.1f} of {found.item.size(1)}" for name, found in members.items())
    return [
        f"Users {' and '.join(names)} are {'given' if given else 'drawn'}; the cosine of their global embeddings is "
        f"{cosine:.3f}, and the median of random pairs {usual:.3f}. They have {both} train items in common.",
        "Dependencies are those of ranking: without noise and without dropout; a user's sum to 1, and so do an item's.",
        f"Hyperedges that items really use (exponential of the entropy of their mean dependencies): {used}.",
    ]


def _used(item: Tensor) -> float:
    mean = item.double().mean(0)
    mean = mean[mean > 0]
    return float(torch.exp(-(mean * mean.log()).sum()))


def _draw(figure: "Figure", *, of_users: list[Row], of_items: list[Row]) -> None:
    """A row of panels for each modality, a panel a user: squares shaded by dependency, items under theirs."""
    modalities = list(dict.fromkeys(row["modality"] for row in of_users))
    users = list(dict.fromkeys(row["user"] for row in of_users))
    panels = figure.subplots(len(modalities), len(users), squeeze=False)
    for line, modality in zip(panels, modalities, strict=True):
        shown = _shown([row for row in of_users if row["modality"] == modality])
        for axes, user in zip(line, users, strict=True):
            own = {"modality": modality, "user": user}
            edges = [row for row in of_users if row.items() >= own.items()]
            items = [row for row in of_items if row.items() >= own.items()]
            _panel(axes, shown, edges, items)
            axes.set_title(f"{modality}, user {user}")


def _shown(rows: list[Row]) -> list[int]:
    total: dict[int, float] = {}
    for row in rows:
        total[row["hyperedge"]] = total.get(row["hyperedge"], 0.0) + row["dependency"]
    return sorted(sorted(total, key=lambda edge: -total[edge])[:_MOST_SHOWN])


def _panel(axes: Any, shown: list[int], edges: list[Row], items: list[Row]) -> None:
    share = {row["hyperedge"]: row["dependency"] for row in edges}
    depth = 1
    for place, edge in enumerate(shown):
        dark = share[edge] > 0.5
        axes.add_patch(_square(place, share[edge]))
        label = f"h{edge + 1}\n{share[edge]:.2f}"
        axes.text(place, 0, label, ha="center", va="center", fontsize=7, color="white" if dark else "black")
        own = [row for row in items if row["hyperedge"] == edge]
        for line, row in enumerate(own[:_MOST_ITEMS], start=1):
            name = _short(row["title"] or row["item"])
            axes.text(place, -0.35 - 0.3 * line, name, ha="center", va="center", fontsize=5.5)
        if len(own) > _MOST_ITEMS:
            axes.text(place, -0.65 - 0.3 * _MOST_ITEMS, f"+ {len(own) - _MOST_ITEMS}", ha="center", fontsize=5.5)
        depth = max(depth, min(len(own), _MOST_ITEMS + 1))
    axes.set(xlim=(-0.6, len(shown) - 0.4), ylim=(-0.6 - 0.3 * (depth + 1), 0.5))
    axes.axis("off")


def _square(place: int, share: float) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((place - 0.3, -0.35), 0.6, 0.7, facecolor=COLOURS[0], alpha=share, edgecolor="black", lw=0.8)


def _short(name: str) -> str:
    return name if len(name) <= _WIDEST_NAME else f"{name[: _WIDEST_NAME - 1]}…"
