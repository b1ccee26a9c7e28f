"""LGMRec, Fig. 5: the hyperedges of two users and of the items that they chose, with the items' names."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from mmgraph.evidence.analyses.base import Analysis, Row, RunLike, opened
from mmgraph.evidence.analyses.hyperedge_figure import depth_of, draw_hyperedges
from mmgraph.evidence.memberships import Memberships, encode_with_memberships
from mmgraph.pipeline.result import Run
from mmgraph.typing import Encoding, Sides

OF_USERS = "hyperedges of the users"
OF_ITEMS = "hyperedges of their items"
_TITLES = ("title", "name")


def analyse(run: RunLike, *, users: Sequence[Any] | None = None, seed: int = 0) -> Analysis:
    """How far two users, and each of their train items, belong to each hyperedge of each modality.

    The paper draws two users with similar global embeddings. Here the first is drawn of those with about half to all of
    the median number of items, and the second is the one among them whose global embedding is nearest to the first's.

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
    of_users = _rows_of_users(pair, items, members)
    of_items = _rows_of_items(found, items, members)
    return Analysis(
        title=f"hyperedges of two users, {found.report.model} on {found.report.dataset}",
        tables=[(OF_USERS, of_users), (OF_ITEMS, of_items)],
        draw=partial(draw_hyperedges, of_users=of_users, of_items=of_items),
        notes=_notes(whole, pair, names, items, members, given=users is not None),
        size=(10.0, (1.4 + 0.17 * depth_of(of_items)) * len(members)),
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
    median = int(count[count > 0].median())
    few = ((count >= min(3, median)) & (2 * count >= median) & (count <= median)).nonzero().flatten()
    generator = torch.Generator().manual_seed(seed)
    first = few[torch.randint(few.numel(), (1,), generator=generator)]
    cosine = F.cosine_similarity(whole[few], whole[first], dim=-1)
    cosine[few == first] = -torch.inf
    return torch.cat([first, few[cosine.argmax()].reshape(1)])


def _train_items(run: Run, user: int) -> Tensor:
    return run.serving.known["train"].entries(torch.tensor([user]))[1]


def _rows_of_users(pair: Tensor, items: dict[str, Tensor], members: dict[str, Memberships]) -> list[Row]:
    """Each user's dependency on each hyperedge, and the mean of that of the user's items."""
    return [
        {
            "modality": modality,
            "user": name,
            "hyperedge": edge,
            "dependency": float(found.user[user, edge]),
            "of_items": float(found.item[own, edge].mean()),
        }
        for modality, found in members.items()
        for user, (name, own) in zip(pair, items.items(), strict=True)
        for edge in range(found.user.size(1))
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
        "Dependencies are those of ranking: without noise and without dropout; a user's sum to 1, and so do an item's. "
        "A user's come of the sum over the items before the softmax, so that nearly all of it goes to one hyperedge; "
        "of_items is the mean of the items' own, which says how they really spread.",
        f"Hyperedges that items really use (exponential of the entropy of their mean dependencies): {used}.",
    ]


def _used(item: Tensor) -> float:
    mean = item.double().mean(0)
    mean = mean[mean > 0]
    return float(torch.exp(-(mean * mean.log()).sum()))
