"""The protocol of an evaluation in a job whose processes have some users and some items each."""

from typing import Any

import torch
from torch import Tensor

from mmgraph.evaluation.evaluator import Evaluator
from mmgraph.evaluation.hits import Hits
from mmgraph.evaluation.pairs import PairSet
from mmgraph.evaluation.ranking import Ranking
from mmgraph.evaluation.ranking_by_blocks import rank_by_blocks
from mmgraph.evaluation.sampled_auc import SAMPLED_AUC
from mmgraph.models.base import Recommender
from mmgraph.processes.partition import DividedRows, joined_rows
from mmgraph.typing import Encoding


class DividedEvaluator(Evaluator):
    """Ranks what an evaluator ranks, each process its own users; all get the whole outcome.

    Of the pairs that are known or held out it keeps those of its users.

    Args:
        evaluator: of all users; the same in all processes.
        users: which process has which users.
        items: which process has which items.

    Raises:
        ValueError: if it computes a metric that needs all of a user's scores at once.
    """

    def __init__(self, evaluator: Evaluator, users: DividedRows, items: DividedRows) -> None:
        if SAMPLED_AUC in evaluator.metrics:
            raise ValueError(
                f"evaluator.metrics: {SAMPLED_AUC} looks at all scores of a user at once, and with "
                "trainer.partition=true items come block by block; leave it out, and evaluate the finished run"
            )
        vars(self).update(vars(evaluator))
        self._of_users = users
        self._items = items
        self._counts = {kind: {name: user.numel() for name, user in found.items()} for kind, found in self._all()}
        own = {id(pairs): self._own_pairs(pairs) for pairs in (*self._known.values(), *self._targets.values())}
        self._known = {split: own[id(pairs)] for split, pairs in self._known.items()}
        self._targets = {split: own[id(pairs)] for split, pairs in self._targets.items()}
        self._users = {split: user[users.is_own(user)] for split, user in self._users.items()}
        self._sample = {split: user[users.is_own(user)] for split, user in self._sample.items()}

    def _all(self) -> list[tuple[bool, dict[str, Tensor]]]:
        return [(True, self._sample), (False, self._users)]

    def _own_pairs(self, pairs: PairSet) -> PairSet:
        return pairs.of_users(*self._of_users.bounds(self._of_users.rank))

    def num_users(self, split: str, *, sampled: bool = False) -> int:
        """How many users of ``split`` are ranked, by all processes."""
        return self._counts[sampled][split]

    def _rank(self, model: Recommender, encoding: Encoding, user: Tensor, **settings: Any) -> Ranking:
        """The users of ``user``, which are this process's own."""
        own = (user - self._of_users.first).to(encoding.item.device)
        return rank_by_blocks(model, encoding._replace(views={}), own, self._items, **settings)

    def _put_together(self, part: Ranking, user: Tensor, targets: PairSet) -> tuple[Hits, Ranking]:
        """What all processes have found, each for its own users."""
        ranking = Ranking(*(joined_rows(rows).cpu() for rows in (part.item, part.hit, part.best)))
        counts = targets.counts(user - self._of_users.first)
        mine = torch.stack([user, counts], dim=1).to(part.item.device)
        everyone, relevant = joined_rows(mine).cpu().unbind(1)
        return Hits(everyone, ranking.hit, relevant), ranking
