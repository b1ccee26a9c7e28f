"""Interactions from planted tastes: any size, no file, and the right answer is known."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType

import numpy as np
import torch
from jaxtyping import Float32, Float64, Int64
from torch_geometric.data import HeteroData

from mmgraph.datasets.base import InteractionDataset, hetero_data, split_hash
from mmgraph.datasets.features import Modality
from mmgraph.datasets.interactions import Interactions
from mmgraph.datasets.split import split_labels
from mmgraph.typing import Encoding

SIZES: Mapping[str, int] = MappingProxyType({"image": 64, "text": 32})
BABY_USERS = 19_445
BABY_ITEMS = 7_050
BABY_DEGREE = 8.27
MIN_DEGREE = 5
MEAN_POPULARITY = 22.8  # Baby's interactions an item
USER_SPREAD, ITEM_SPREAD = 1.2, 1.4  # log-normal deviations that meet Baby's quantiles from 10 % to 99.9 %
TOPICS_PER_USER = 3
BACKGROUND = 0.1  # share of choices that follow popularity alone


class Synthetic(InteractionDataset):
    r"""Users who mix a few topics and choose items in proportion to popularity within a topic.

    .. math:: P(i \mid u) = 0.9 \sum_t w_{ut} \frac{p_i [t_i = t]}{\sum_{j: t_j = t} p_j} + 0.1 \frac{p_i}{\sum_j p_j}

    Every user draws distinct items from this law; degrees and popularities are long-tailed like those of Amazon Baby
    (users have at least five items). Features hide the item's topic: a random unit-norm code of :math:`t_i` plus
    Gaussian noise of norm ``noise``. Time and memory grow with the number of interactions; nothing is written.

    Args:
        scale: size as a multiple of Baby's 19,445 users and 7,050 items (160,792 interactions at 1).
        num_users: overrides ``scale`` for users.
        num_items: overrides ``scale`` for items; at least 20.
        mean_degree: expected interactions a user, at least 5.
        num_topics: number of topics, at most ``num_items``.
        modalities: which of image (64 numbers) and text (32); ``None`` for both. Or feature sizes by any names.
        noise: norm of the noise in a feature row, the topic's code having norm 1.
        seed: of everything that is drawn, the split excepted.
        split_seed: of the split (per user at random).
        transform: applied to the graph at every access.

    Raises:
        ValueError: a size is out of range, or a modality without a size is not known.

    Example:
        >>> dataset = Synthetic(num_users=200, num_items=120, modalities={"image": 16})
        >>> dataset[0]["item"].x_image.shape
        torch.Size([120, 16])
    """

    def __init__(
        self,
        *,
        scale: float = 0.08,
        num_users: int | None = None,
        num_items: int | None = None,
        mean_degree: float = BABY_DEGREE,
        num_topics: int = 32,
        modalities: Mapping[str, int] | Sequence[str] | None = None,
        noise: float = 1.5,
        seed: int = 0,
        split_seed: int = 0,
        transform: Callable[[HeteroData], HeteroData] | None = None,
    ) -> None:
        arguments = {
            "scale": scale, "num_users": num_users, "num_items": num_items, "mean_degree": mean_degree,
            "num_topics": num_topics, "modalities": modalities, "noise": noise, "seed": seed, "split_seed": split_seed,
        }  # fmt: skip
        _check({
            "scale": (0 < scale < math.inf, scale, "a positive number"),
            "noise": (0 <= noise < math.inf, noise, "a finite number from 0"),
            "seed": (seed >= 0, seed, "at least 0"),
            "split_seed": (split_seed >= 0, split_seed, "at least 0"),
        })  # fmt: skip
        num_users = round(BABY_USERS * scale) if num_users is None else num_users
        num_items = round(BABY_ITEMS * scale) if num_items is None else num_items
        _check_sizes(num_users, num_items, mean_degree, num_topics)
        sizes, chosen = _modality_sizes(modalities)
        plant, *noises = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(1 + len(sizes)))
        self._tastes = _Tastes(num_users, num_items, num_topics, plant)
        degree = MIN_DEGREE + plant.poisson(_long_tail(num_users, mean_degree - MIN_DEGREE, USER_SPREAD, plant))
        # A quarter of the items at most: the last distinct ones would take endless draws.
        table = self._tastes.interactions(np.minimum(degree, num_items // 4), plant)
        features = {
            name: Modality(_hide(self._tastes.topic, num_topics, dim, noise, rng), None)
            for (name, dim), rng in zip(sizes.items(), noises, strict=True)
        }
        data = hetero_data(table, split_labels(table, seed=split_seed), {name: features[name] for name in chosen})
        super().__init__(
            "synthetic",
            data,
            split_hash(data),
            notes=["split per_user_random"],
            arguments=arguments,
            transform=transform,
        )

    @cached_property
    def oracle(self) -> Encoding:
        """The right answer: ``user @ item.T`` is the law that every user draws from; no model may see it."""
        return self._tastes.oracle()


class _Tastes:
    """Who likes which topics, and how popular every item is in its own.

    Component t < T of the law is topic t; component T, which every user has, is all items by popularity.
    """

    def __init__(self, num_users: int, num_items: int, num_topics: int, rng: np.random.Generator) -> None:
        self.num_topics = num_topics
        self.topic = rng.permutation(np.arange(num_items) % num_topics)
        self.popularity = MIN_DEGREE + _long_tail(num_items, MEAN_POPULARITY - MIN_DEGREE, ITEM_SPREAD, rng)
        self.liked = rng.integers(num_topics, size=(num_users, TOPICS_PER_USER))
        self.weight = (1 - BACKGROUND) * rng.dirichlet(np.ones(TOPICS_PER_USER), size=num_users)
        self._by_topic = np.argsort(self.topic, kind="stable")
        self._cumulative = np.cumsum(self.popularity[self._by_topic])
        self._last = np.append(np.cumsum(np.bincount(self.topic, minlength=num_topics)), num_items) - 1
        self._first = np.append(0, self._last[:-1] + 1)
        self._first[-1] = 0

    def draw(self, user: Int64[np.ndarray, "draws"], rng: np.random.Generator) -> Int64[np.ndarray, "draws"]:
        """Draws one item for every entry of ``user``: first a component of the user's mixture, then an item of it."""
        place = (rng.random(len(user))[:, None] >= np.cumsum(self.weight, axis=1)[user]).sum(axis=1)
        component = np.where(
            place < TOPICS_PER_USER, self.liked[user, np.minimum(place, TOPICS_PER_USER - 1)], self.num_topics
        )
        first = self._first[component]
        last = self._last[component]
        below = np.where(first > 0, self._cumulative[first - 1], 0.0)
        at = below + rng.random(len(user)) * (self._cumulative[last] - below)
        # Rounding may carry a draw over the edge of its topic.
        return self._by_topic[np.clip(np.searchsorted(self._cumulative, at, side="right"), first, last)]

    def interactions(self, degree: Int64[np.ndarray, "users"], rng: np.random.Generator) -> Interactions:
        """Draws ``degree`` distinct items for every user; repeated ones are drawn again."""
        num_items = len(self.topic)
        complete = []
        held = np.empty(0, dtype=np.int64)
        waiting = np.arange(len(degree))
        missing = degree
        while len(waiting):
            user = np.repeat(waiting, missing[waiting])
            held = np.sort(np.concatenate([held, user * num_items + self.draw(user, rng)]))
            held = held[np.diff(held, prepend=-1) > 0]  # np.unique hashes: three times slower
            owner = held // num_items
            missing = degree - np.bincount(owner, minlength=len(degree))
            done = missing[owner] == 0
            complete.append(held[done])
            held = held[~done]
            waiting = np.unique(owner[~done])
        pairs = np.sort(np.concatenate(complete))
        return Interactions(pairs // num_items, pairs % num_items, num_users=len(degree), num_items=num_items)

    def oracle(self) -> Encoding:
        """Returns the mixtures as user vectors and the laws of the components as item vectors."""
        rows = np.arange(len(self.liked))
        user = np.full((len(rows), self.num_topics + 1), 0.0)
        for place in range(TOPICS_PER_USER):  # one topic may be drawn twice, so they add
            user[rows, self.liked[:, place]] += self.weight[:, place]
        user[:, -1] = BACKGROUND
        item = np.zeros((len(self.topic), self.num_topics + 1))
        share = self.popularity / np.bincount(self.topic, weights=self.popularity)[self.topic]
        item[np.arange(len(item)), self.topic] = share
        item[:, -1] = self.popularity / self.popularity.sum()
        return Encoding(torch.from_numpy(user).float(), torch.from_numpy(item).float())


def _check_sizes(num_users: int, num_items: int, mean_degree: float, num_topics: int) -> None:
    _check({
        "num_users": (num_users >= 1, num_users, "at least 1"),
        "num_items": (num_items >= 4 * MIN_DEGREE, num_items, f"at least {4 * MIN_DEGREE}"),
        "mean_degree": (MIN_DEGREE <= mean_degree < math.inf, mean_degree, f"at least {MIN_DEGREE}"),
        "num_topics": (1 <= num_topics <= num_items, num_topics, f"between 1 and num_items={num_items}"),
    })  # fmt: skip


def _check(rules: Mapping[str, tuple[bool, float, str]]) -> None:
    for name, (valid, value, rule) in rules.items():
        if not valid:
            raise ValueError(f"{name}={value}: must be {rule}")


def _modality_sizes(modalities: Mapping[str, int] | Sequence[str] | None) -> tuple[Mapping[str, int], list[str]]:
    """What is drawn, by size, and which of it is kept: a modality has the same features alone and beside others."""
    if isinstance(modalities, Mapping):
        _check({f"modalities.{name}": (dim >= 1, dim, "a size of at least 1") for name, dim in modalities.items()})
        return modalities, list(modalities)
    if isinstance(modalities, str):
        raise ValueError(f"modalities={modalities!r}: give a list, as in [{modalities}]")
    chosen = list(SIZES if modalities is None else modalities)
    if unknown := [name for name in chosen if name not in SIZES]:
        raise ValueError(f"modalities: unknown {unknown}; there are {list(SIZES)}, others by size, as in {{audio: 16}}")
    return SIZES, chosen


def _long_tail(size: int, mean: float, spread: float, rng: np.random.Generator) -> Float64[np.ndarray, "size"]:
    """Draws from a log-normal law of the given mean."""
    return mean * rng.lognormal(-(spread**2) / 2, spread, size)


def _hide(
    topic: Int64[np.ndarray, "items"], num_topics: int, dim: int, noise: float, rng: np.random.Generator
) -> Float32[np.ndarray, "items feat"]:
    """Returns features that carry the topic under noise."""
    code = rng.standard_normal((num_topics, dim), dtype=np.float32)
    code /= np.linalg.norm(code, axis=1, keepdims=True)
    return code[topic] + noise / np.float32(np.sqrt(dim)) * rng.standard_normal((len(topic), dim), dtype=np.float32)
