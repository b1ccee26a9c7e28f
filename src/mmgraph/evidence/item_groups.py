"""How well items of some kind are found: the lists of a finished run, ranked again and read group by group."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Bool
from torch import Tensor

from mmgraph.evaluation import Hits
from mmgraph.evaluation.evaluator import evaluation_mode
from mmgraph.evaluation.pairs import PairSet
from mmgraph.evaluation.ranking import best_chunks
from mmgraph.evidence.grouping import Grouping
from mmgraph.models import Recommender
from mmgraph.pipeline.result import Run

_CHUNK_SIZE = 256
_CLOSE = 1e-5


class Found(NamedTuple):
    """What became of the held-out items of one group.

    Attributes:
        users: users with a held-out item in the group.
        targets: held-out items in it, each counted for every user who has it.
        mean: of the metric over these users, None where there are none.
        deviation: of it, from user to user.
    """

    users: int
    targets: int
    mean: float | None
    deviation: float | None


def found_by_group(run: Run, grouping: Grouping, *, split: str, metric: str) -> list[Found]:
    """The metric as if the items of one group were the only held-out ones, for each group; the lists stay as they are.

    Users are ranked as the run's evaluator does, chunk by chunk; of no user more than a list is held.

    Args:
        run: the run.
        grouping: of its items.
        split: ``"val"`` or ``"test"``.
        metric: of single users, ``"recall@20"``.

    Raises:
        ValueError: if there is no such metric, or the ranking is not the one that was reported.
    """
    totals = torch.zeros(len(grouping.names), 4, dtype=torch.float64)  # users, targets, sum, sum of squares
    whole = torch.zeros(2, dtype=torch.float64)
    for hits, group in _ranked(run, grouping, split, _length(run, metric)):
        if group is None:
            whole += torch.tensor([hits.user.numel(), float(hits.value(metric).sum())])
            continue
        value = hits.value(metric)
        row = [value.numel(), int(hits.relevant.sum()), float(value.sum()), float((value * value).sum())]
        totals[group] += torch.tensor(row, dtype=torch.float64)
    _check(run, split, metric, float(whole[1] / whole[0]))
    return [_found(*row) for row in totals.tolist()]


def _ranked(run: Run, grouping: Grouping, split: str, k: int) -> Iterator[tuple[Hits, int | None]]:
    """What was found of all items (None), then of each group, chunk by chunk of the users."""
    users, known, targets = protocol(run, split)
    serving = run.serving
    user_idx = users.to(serving.encoding.item.device)
    model = serving.scorer if isinstance(serving.scorer, Recommender) else torch.nn.Identity()
    with torch.no_grad(), evaluation_mode(model):
        chunks = best_chunks(
            serving.scorer,
            serving.encoding,
            user_idx,
            known=known.to(user_idx.device),
            k=min(k, len(serving.items)),
            chunk_size=_CHUNK_SIZE,
        )
        for rows, score, item in chunks:
            user = users[rows]
            hit = targets.contains(user, item.cpu()) & (score != -torch.inf).cpu()
            yield Hits(user, hit, targets.counts(user)), None
            yield from _divided(user, item.cpu(), hit, targets, grouping)


def _divided(
    user: Tensor, item: Tensor, hit: Bool[Tensor, "users k"], targets: PairSet, grouping: Grouping
) -> Iterator[tuple[Hits, int]]:
    row, held_out = targets.entries(user)
    for group in range(len(grouping.names)):
        of_group = grouping.label[held_out] == group
        relevant = row[of_group].bincount(minlength=user.numel())
        some = relevant > 0
        yield Hits(user[some], (hit & (grouping.label[item] == group))[some], relevant[some]), group


def protocol(run: Run, split: str) -> tuple[Tensor, PairSet, PairSet]:
    """The users whom the run's evaluator ranks in a split, what it takes for known, and what is held out.

    Raises:
        ValueError: if the evaluator does not rank the split.
    """
    settings = run.config.evaluator
    mask = settings.get("mask") or {"val": ["train"], "test": ["train"]}
    if split not in mask:
        raise ValueError(f"split must be one that the run's evaluator ranks, {sorted(mask)}; got {split!r}")
    serving = run.serving
    targets = serving.known[split]
    users = targets.users()
    if settings.get("cold_users") == "drop":
        users = users[serving.known["train"].counts(users) > 0]
    return users, serving.known_in(list(mask[split])), targets


def _length(run: Run, metric: str) -> int:
    """That of the metric, or of the run's own lists if they are longer: ties may stand otherwise in shorter ones."""
    k = metric.partition("@")[2]
    if not (k.isascii() and k.isdigit() and int(k) > 0):
        raise ValueError(f"metric={metric}: must be a metric and a length of lists, such as recall@20")
    return max(int(k), *run.config.evaluator.ks)


def _check(run: Run, split: str, metric: str, mean: float) -> None:
    """Refuses to divide another ranking than the one that was reported."""
    reported = getattr(run.report, split).get(metric)
    if reported is not None and not math.isclose(mean, reported, rel_tol=_CLOSE, abs_tol=_CLOSE):
        raise ValueError(
            f"{run.folder}: ranked again, {split} {metric} is {mean:.6f}, and {reported:.6f} in its report: the "
            "evaluator is another one, or something was changed; mmgraph-evaluate shows which"
        )


def _found(users: float, targets: float, total: float, squares: float) -> Found:
    if not users:
        return Found(0, 0, None, None)
    mean = total / users
    spread = max(squares / users - mean * mean, 0.0) * users / max(users - 1, 1)
    return Found(int(users), int(targets), mean, math.sqrt(spread))
