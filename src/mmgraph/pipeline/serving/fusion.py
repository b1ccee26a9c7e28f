"""A weighted sum of several models' scores, as something that ranks by itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from mmgraph.losses.views import all_views
from mmgraph.models import SCORERS, Recommender
from mmgraph.models.scoring import Scorer
from mmgraph.nn import row_entries
from mmgraph.pipeline.serving.content import Serving
from mmgraph.pipeline.serving.normalised import NORMALISED
from mmgraph.typing import Encoding, View

_KNOWN = "known"


class Fusion(Scorer):
    """Adds the scores of its members, brought to one scale for each user, by fixed weights.

    The encoding's own vectors say nothing: the views hold those of the members, and what each user has in train.

    Args:
        members: their scorers.
        weights: of each.
        scores: how they are brought to one scale, a name of :data:`~.normalised.NORMALISED`.

    Raises:
        ValueError: if there is no such scale, or not a weight for each.
    """

    kind = "fusion"

    def __init__(self, members: Sequence[Scorer], weights: Sequence[float], scores: str) -> None:
        if scores not in NORMALISED or len(members) != len(weights):
            raise ValueError(f"{len(members)} members with {len(weights)} weights, on the scale {scores!r}")
        self.members = list(members)
        self.weights = list(weights)
        self.scores = scores
        places = [[_place(number), *_inner(number, member)] for number, member in enumerate(members)]
        self.views = (_KNOWN, *(name for names in places for name in names))

    def score(self, encoding: Encoding, user_idx: Int[Tensor, " batch"]) -> Float[Tensor, "batch items"]:
        """The sums; only members with a weight are asked."""
        return weighted_sum(self.parts(encoding, user_idx), self.weights)

    def parts(
        self, encoding: Encoding, user_idx: Int[Tensor, " batch"]
    ) -> Iterator[Float[Tensor, "batch items"] | None]:
        """What each member adds before it is weighed, one after the other; None of one without a weight."""
        normalise = NORMALISED[self.scores]
        candidate = None
        for number, (member, weight) in enumerate(zip(self.members, self.weights, strict=True)):
            if not weight:
                yield None
                continue
            scores = member.score(self.member_encoding(encoding, number), user_idx)
            if candidate is None:
                candidate = _candidates(encoding, user_idx, scores)
            yield normalise(scores, candidate)

    def member_encoding(self, encoding: Encoding, number: int) -> Encoding:
        """What a member made of users and items."""
        views = all_views(encoding)
        sides = views[_place(number)]
        own: dict[str, View] = {name: views[f"{_place(number)}.{name}"] for name in self.members[number].views}
        return Encoding(sides["user"], sides["item"], own)

    def state(self) -> dict[str, Tensor]:
        """The weights, the scale, and what each member is made of."""
        found = {"weights": torch.tensor(self.weights, dtype=torch.float64), "scores": _of_text(self.scores)}
        for number, member in enumerate(self.members):
            found[f"{number}.kind"] = _of_text(member.kind)
            found |= {f"{number}.{name}": x for name, x in _as_member(member.state()).items()}
        return found

    @classmethod
    def of(cls, state: Mapping[str, Tensor]) -> "Fusion":
        """The one with these members."""
        weights = state["weights"].tolist()
        members = []
        for number in range(len(weights)):
            start = f"{number}.state."
            own = {name.removeprefix(start): x for name, x in state.items() if name.startswith(start)}
            members.append(KINDS[_to_text(state[f"{number}.kind"])].of(own))
        return cls(members, weights, _to_text(state["scores"]))


KINDS: dict[str, type[Scorer]] = {**SCORERS, Fusion.kind: Fusion}
"""The scorers that the files of a run may name."""


def weighted_sum(parts: Iterator[Tensor | None], weights: Sequence[float]) -> Float[Tensor, "batch items"]:
    """Adds in the order of the members, so that the same weights give the same sums to the last bit."""
    weighed = [(part, weight) for part, weight in zip(parts, weights, strict=True) if part is not None and weight]
    total = weighed[0][0] * weighed[0][1]
    for part, weight in weighed[1:]:
        total = total.add_(part, alpha=weight)
    return total


def fuse_servings(members: Sequence[Serving], weights: Sequence[float], scores: str) -> Serving:
    """What serves the sum of members that know the same users and items.

    Args:
        members: what there is of each.
        weights: of each.
        scores: as of :class:`Fusion`.
    """
    first = members[0]
    pairs = first.known["train"].pairs()
    fusion = Fusion([_scorer(member) for member in members], weights, scores)
    encoding = fused_encoding([member.encoding for member in members], pairs)
    return replace(first, encoding=encoding, scorer=fusion)


def fused_encoding(members: Sequence[Encoding], known: Int[Tensor, "2 pairs"]) -> Encoding:
    """The members' encodings as views of one, which has no vectors of its own.

    Args:
        members: of the same users and items.
        known: what each user has, users over items.
    """
    size = members[0].user.size(0), members[0].item.size(0)
    device = members[0].item.device
    entries = torch.sparse_coo_tensor(known, torch.ones(known.size(1)), size, check_invariants=True)
    views: dict[str, View] = {_KNOWN: {"entries": entries.coalesce().to(device)}}
    for number, member in enumerate(members):
        views[_place(number)] = {"user": _full(member.user), "item": _full(member.item)}
        views |= {f"{_place(number)}.{name}": view for name, view in member.views.items()}
    return Encoding(torch.zeros(size[0], 1, device=device), torch.zeros(size[1], 1, device=device), views)


def _scorer(member: Serving) -> Scorer:
    assert not isinstance(member.scorer, Recommender)
    return member.scorer


def _full(x: Tensor) -> Tensor:
    return x.float() if x.dtype in (torch.bfloat16, torch.float16) else x


def _candidates(encoding: Encoding, user_idx: Tensor, scores: Tensor) -> Bool[Tensor, "batch items"]:
    """The items that each user does not have in train."""
    position, item, _ = row_entries(all_views(encoding)[_KNOWN]["entries"], user_idx)
    candidate = torch.ones_like(scores, dtype=torch.bool)
    candidate[position, item] = False
    return candidate


def _place(number: int) -> str:
    return f"member{number}"


def _inner(number: int, member: Scorer) -> list[str]:
    return [f"{_place(number)}.{name}" for name in member.views]


def _as_member(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {f"state.{name}": x for name, x in state.items()}


def _of_text(text: str) -> Tensor:
    return torch.tensor(list(text.encode()), dtype=torch.uint8)


def _to_text(content: Tensor) -> str:
    return bytes(content.tolist()).decode()
