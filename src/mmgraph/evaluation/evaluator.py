"""The protocol of an evaluation as an object, and the only place where held-out labels live."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.evaluation.arguments import checked_ks, checked_mask, checked_names
from mmgraph.evaluation.beyond_accuracy import BEYOND_ACCURACY, describe_lists, list_metrics
from mmgraph.evaluation.hits import Hits
from mmgraph.evaluation.metrics import METRICS
from mmgraph.evaluation.pairs import PairSet, held_parts
from mmgraph.evaluation.ranking import Ranking, rank
from mmgraph.evaluation.sampled_auc import SAMPLED_AUC
from mmgraph.models.base import Recommender
from mmgraph.processes.divided import own_part
from mmgraph.processes.gathering import gather_rows
from mmgraph.representation import settings_text
from mmgraph.typing import INTERACTS, PARTS, Encoding

COLD_USERS = ("keep", "drop")


class Evaluation(NamedTuple):
    """The outcome of ranking one split.

    Attributes:
        metrics: unrounded means over users, by name (``"recall@20"``), as fractions.
        per_user: the values behind the means that are means over users, ``(users,)`` float64 each.
        hits: what was found for each user ranked: those with at least one target, and known where ``cold_users`` is
            "drop".
    """

    metrics: dict[str, float]
    per_user: dict[str, Tensor]
    hits: Hits

    @property
    def user(self) -> Tensor:
        """The users ranked, ascending."""
        return self.hits.user


class Evaluator:
    """Ranks all items for every user with held-out items, and explains how well.

    Args:
        data: the data with the labels of every split.
        mask: for each split that may be ranked, the splits whose interactions count as known and are left out of the
            lists. The default is MMRec's protocol: only train items, also at test.
        metrics: names from :data:`METRICS` and :data:`BEYOND_ACCURACY`, and ``sampled_auc``, which is biased
            (:mod:`mmgraph.evaluation.sampled_auc`).
        ks: lengths of the lists; of ``sampled_auc`` the numbers of negatives.
        cold_users: what becomes of users without a train interaction: ``"keep"`` ranks for them, ``"drop"`` leaves them
            out of every mean, as MMRec does.
        chunk_size: users scored at once; bounds memory and changes no result.
        sample_users: how many users are ranked where a call asks for a sample, as trainers do between epochs; the same
            ones every time. None, or as many as there are: all of them.
        seed: draws the sample, and the negatives of ``sampled_auc``.

    Raises:
        ValueError: for a metric, split or k that does not exist here, or a split without interactions.

    Example:
        >>> from mmgraph.models.popularity import Popularity
        >>> data = HeteroData(user={"num_nodes": 2}, item={"num_nodes": 4, "degree": torch.tensor([2.0, 1, 0, 0])})
        >>> data["user", "interacts", "item"].edge_index = torch.tensor([[0, 0, 1], [0, 1, 0]])
        >>> data["user", "interacts", "item"].val_edge_label_index = torch.tensor([[0, 1], [3, 1]])
        >>> evaluator = Evaluator(data, mask={"val": ["train"]}, metrics=["recall"], ks=[1])
        >>> evaluation = evaluator(Popularity(data), data, "val")
        >>> evaluation.metrics, evaluation.per_user["recall@1"].tolist()
        ({'recall@1': 0.5}, [0.0, 1.0])
    """

    def __init__(
        self,
        data: HeteroData,
        *,
        mask: Mapping[str, Sequence[str]] = {"val": ["train"], "test": ["train"]},
        metrics: Sequence[str] = (*METRICS, "coverage", "average_popularity"),
        ks: Sequence[int] = (5, 10, 20, 50),
        cold_users: str = "keep",
        chunk_size: int = 256,
        sample_users: int | None = None,
        seed: int = 0,
    ) -> None:
        self.ks = checked_ks(ks, int(data["item"].num_nodes))
        self.metrics = checked_names("metrics", metrics, [*METRICS, *BEYOND_ACCURACY, SAMPLED_AUC])
        if chunk_size < 1:
            raise ValueError(f"chunk_size must be a positive number of users; got {chunk_size}")
        if sample_users is not None and sample_users < 1:
            raise ValueError(f"sample_users must be a positive number of users, or null for all; got {sample_users}")
        if cold_users not in COLD_USERS:
            raise ValueError(f"cold_users={cold_users!r}: must be one of {list(COLD_USERS)}")
        self.cold_users = cold_users
        self.chunk_size = chunk_size
        self.sample_users = sample_users
        self.seed = seed
        self._list_metrics = list_metrics(data, [name for name in self.metrics if name in BEYOND_ACCURACY], self.ks)
        self._targets = {split: _pairs(data, [split]) for split in checked_names("mask", list(mask), list(PARTS))}
        masks = {split: tuple(checked_mask(split, mask[split])) for split in mask}
        sets = {names: _pairs(data, names) for names in dict.fromkeys(masks.values())}
        self._known = {split: sets[names] for split, names in masks.items()}
        self._users = {split: _ranked_users(data, targets, cold_users) for split, targets in self._targets.items()}
        for split, users in self._users.items():
            if not users.numel():
                raise ValueError(
                    f"mask: split '{split}' has no interactions to rank (cold_users={cold_users}); leave it out of "
                    f"mask={dict(mask)}"
                )
        self._sample = {split: _sample(users, sample_users, seed) for split, users in self._users.items()}

    def __repr__(self) -> str:
        """The users of each split, and its settings."""
        users = {split: users.numel() for split, users in self._users.items()}
        return f"{type(self).__name__}(users={users}, {settings_text(self)})"

    @property
    def splits(self) -> list[str]:
        """The splits that may be ranked."""
        return list(self._targets)

    def num_users(self, split: str, *, sampled: bool = False) -> int:
        """How many users of ``split`` are ranked."""
        return (self._sample if sampled else self._users)[split].numel()

    def is_sampled(self, split: str) -> bool:
        """Whether the sample of ``split`` is only a part of its users."""
        return self.num_users(split, sampled=True) < self.num_users(split)

    def users(self, split: str) -> Tensor:
        """The users that are ranked for a split, ascending."""
        return self._users[split]

    @torch.no_grad()
    def __call__(
        self,
        model: Recommender,
        graph: HeteroData,
        split: str,
        *,
        sampled: bool = False,
        on_ranked: Callable[[int], object] | None = None,
    ) -> Evaluation:
        """Ranks ``split`` with the model as it is now; with several processes each ranks a part and all get the whole.

        Args:
            model: put into evaluation mode for the time of the call.
            graph: what to encode, normally ``model.inference_graph(graph)``: it holds no labels.
            split: one of the keys of ``mask``.
            sampled: whether only the sample of ``sample_users`` is ranked.
            on_ranked: called while it ranks with a number of users that are done, of :meth:`num_users` in all; with
                several processes of those that this one ranks.

        Raises:
            ValueError: if ``mask`` has no such split.
            FloatingPointError: if a score is NaN or +inf.
        """
        if split not in self._targets:
            raise ValueError(f"split must be one that mask names, {sorted(self._targets)}; got {split!r}")
        user = (self._sample if sampled else self._users)[split]
        hits, ranking = self._found(model, graph, split, user, on_ranked)
        _check_finite(ranking.best, hits.user, split)
        names = [f"{name}@{k}" for name in self.metrics if name in METRICS for k in self.ks]
        per_user = hits.values(names)
        if ranking.auc is not None:
            per_user |= {f"{SAMPLED_AUC}@{k}": ranking.auc[:, column] for column, k in enumerate(self.ks)}
        means = {name: float(value.mean()) for name, value in per_user.items()}
        return Evaluation(means | describe_lists(self._list_metrics, ranking.item), per_user, hits)

    def _found(
        self,
        model: Recommender,
        graph: HeteroData,
        split: str,
        user: Tensor,
        on_ranked: Callable[[int], object] | None = None,
    ) -> tuple[Hits, Ranking]:
        """What is found for ``user``, in all processes."""
        with evaluation_mode(model):
            encoding = model(graph)
            device = encoding.item.device
            part = self._rank(
                model,
                encoding,
                user,
                known=self._known[split].to(device),
                targets=self._targets[split].to(device),
                k=self.ks[-1],
                chunk_size=self.chunk_size,
                on_ranked=on_ranked,
            )
        return self._put_together(part, user, self._targets[split])

    def _rank(self, model: Recommender, encoding: Encoding, user: Tensor, **settings: Any) -> Ranking:
        """This process's share of ``user``, ranked."""
        own = user[own_part()].to(encoding.item.device)
        num_negatives = self.ks if SAMPLED_AUC in self.metrics else ()
        return rank(model, encoding, own, num_negatives=num_negatives, seed=self.seed, **settings)

    def _put_together(self, part: Ranking, user: Tensor, targets: PairSet) -> tuple[Hits, Ranking]:
        """What all processes have found, in each of them."""
        ranking = Ranking(*(gather_rows(rows, user.numel()).cpu() for rows in part if rows is not None))
        return Hits(user, ranking.hit, targets.counts(user)), ranking


def _ranked_users(data: HeteroData, targets: PairSet, cold_users: str) -> Tensor:
    users = targets.users()
    return users if cold_users == "keep" else users[_pairs(data, ["train"]).counts(users) > 0]


def _sample(users: Tensor, size: int | None, seed: int) -> Tensor:
    """So many of the users, ascending."""
    if size is None or size >= users.numel():
        return users
    drawn = torch.randperm(users.numel(), generator=torch.Generator().manual_seed(seed))[:size]
    return users[drawn.sort().values]


@contextmanager
def evaluation_mode(model: nn.Module) -> Iterator[None]:
    """Every module is in evaluation mode meanwhile, and in its own mode again at the end."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


def _check_finite(best: Tensor, user: Tensor, split: str) -> None:
    bad = user[best.isnan() | best.isposinf()]
    if bad.numel():
        raise FloatingPointError(
            f"scores must be finite or -inf; ranking '{split}' met NaN or +inf for {bad.numel()} of {user.numel()} "
            f"users (the first in row {int(bad[0])}: dataset.user_ids says who that is); check the weights and "
            "features the model has now"
        )


def _pairs(data: HeteroData, splits: Sequence[str]) -> PairSet:
    missing = [split for split in splits if split not in held_parts(data)]
    if missing:
        raise ValueError(
            f"mask names splits that the data lack: {missing} (no {PARTS[missing[0]]} in data[{INTERACTS}])"
        )
    sizes = {f"num_{side}s": int(data[side].num_nodes) for side in ("user", "item")}
    return PairSet.union([PairSet.of_part(data, split) for split in splits], **sizes)
