"""Splits against the rules of the data sets, and what the cold ones hold out."""

import random
from collections import Counter, defaultdict

import numpy as np
import pytest

from mmgraph.datasets import MMRecFolder
from mmgraph.datasets.interactions import Interactions
from mmgraph.datasets.split import held_out_counts, split_labels
from tests.prepare.conftest import PAIRS, lines

RNG = random.Random(3)
HISTORY = {f"u{u:02d}": RNG.sample(range(40), 1 + u) for u in range(30)}  # 1 to 30 items each
ROWS = [(u, f"i{i:02d}", RNG.randrange(10**6)) for u, items in HISTORY.items() for i in items]
TEXT = lines(ROWS, header="user,item,timestamp")
TIMES = {(u, i): t for u, i, t in ROWS}


def by_user(made):
    found = defaultdict(dict)
    for (user, item), label in made.labels.items():
        found[user][user, item] = label
    return found


@pytest.mark.parametrize("split", ["per_user_random", "per_user_time"])
def test_as_many_are_held_out_as_by_mmrecs_rule(prepare, split):
    for labels in by_user(prepare({"a.csv": TEXT}, split=split)).values():
        val, test = held_out_counts(np.array([len(labels)]))
        assert Counter(labels.values()) == Counter({0: len(labels) - val[0] - test[0], 1: val[0], 2: test[0]})


def test_the_latest_are_for_test_and_those_before_for_validation(prepare):
    for labels in by_user(prepare({"a.csv": TEXT}, split="per_user_time")).values():
        order = [labels[pair] for pair in sorted(labels, key=lambda pair: TIMES[pair])]
        assert order == sorted(order)


@pytest.mark.parametrize("timed", [True, False])
def test_leave_one_out(prepare, timed):
    made = prepare({"a.csv": TEXT}, split="leave_one_out", columns={} if timed else {"timestamp": None})
    for labels in by_user(made).values():
        order = [labels[pair] for pair in sorted(labels, key=lambda pair: TIMES[pair])]
        expected = [0] * len(labels) if len(labels) < 3 else [0] * (len(labels) - 2) + [1, 2]
        assert order == expected if timed else sorted(order) == expected


@pytest.mark.parametrize("ratios", [None, (0.5, 0.3, 0.2)])
def test_random_by_ratios(prepare, ratios):
    counts = Counter(prepare({"a.csv": TEXT}, split="random", ratios=ratios).labels.values())
    train, val, _ = ratios or (0.8, 0.1, 0.1)
    cuts = [round(len(ROWS) * train), round(len(ROWS) * (train + val))]
    assert [counts[0], counts[1]] == [cuts[0], cuts[1] - cuts[0]]


@pytest.mark.parametrize("ratios", [None, (0.5, 0.3, 0.2)])
@pytest.mark.parametrize("equal", [1, 50_000])
def test_global_time_is_that_of_the_data_sets(prepare, ratios, equal):
    rows = [(u, i, t // equal) for u, i, t in ROWS]
    made = prepare({"a.csv": lines(rows, header="user,item,timestamp")}, split="global_time", ratios=ratios)
    user, item = np.unique(
        np.array([pair for pair, _ in zip(made.pairs, made.rows, strict=True)]), return_inverse=True
    )[1].T
    times = np.array([float(row["timestamp"]) for row in made.rows])
    table = Interactions(user, item, int(user.max()) + 1, int(item.max()) + 1, timestamp=times)
    assert list(made.labels.values()) == split_labels(table, split="global_time", ratios=ratios).tolist()


@pytest.mark.parametrize(("split", "side"), [("cold_items", 1), ("cold_users", 0)])
def test_cold_splits_hold_nodes_out_wholly(prepare, split, side):
    made = prepare({"a.csv": TEXT}, split=split, ratios=(0.6, 0.2, 0.2))
    parts = defaultdict(set)
    for pair, label in made.labels.items():
        parts[pair[side]].add(label)
    assert all(len(found) == 1 for found in parts.values())
    counts = Counter(found.pop() for found in parts.values())
    size = sum(counts.values())
    assert [counts[0], counts[1]] == [round(0.6 * size), round(0.8 * size) - round(0.6 * size)]


@pytest.mark.parametrize("split", ["per_user_random", "random", "cold_items", "cold_users"])
def test_another_seed_is_another_split(prepare, split):
    first = prepare({"a.csv": TEXT}, split=split, out="first")
    assert first.labels == prepare({"a.csv": TEXT}, split=split, out="same").labels
    assert first.labels != prepare({"a.csv": TEXT}, split=split, out="other", split_seed=1).labels


def test_the_files_own_split_stays(prepare):
    rows = [(*pair, k % 3) for k, pair in enumerate(PAIRS)]
    made = prepare({"a.csv": lines(rows, header="user,item,x_label")})
    assert made.labels == {(u, i): label for u, i, label in rows}
    assert made.record["split"]["hash"] == MMRecFolder(made.folder).split_hash


def test_validation_is_drawn_where_the_files_have_none(prepare):
    rows = [(u, i, 2 if k % 5 == 0 else 0) for k, (u, i, _) in enumerate(ROWS)]
    made = prepare({"a.csv": lines(rows, header="user,item,x_label")})
    given = {(u, i): label for u, i, label in rows}
    for labels in by_user(made).values():
        assert all((labels[pair] == 2) == (given[pair] == 2) for pair in labels)
        learnt = sum(given[pair] == 0 for pair in labels)
        val, _ = held_out_counts(np.array([len(labels)]))
        assert Counter(labels.values())[1] == max(0, min(val[0], learnt - 1))


@pytest.mark.parametrize(("words", "message"), [
    ({"split": "x_label"}, "split=x_label: the interactions bring no split"),
    ({"split": "per_user_time"}, "split=per_user_time: there are no times"),
    ({"split": "global_time"}, "split=global_time: there are no times"),
    ({"split": "by_hand"}, r"split='by_hand': must be one of \['auto'"),
    ({"split": "per_user_random", "ratios": (0.8, 0.1, 0.1)}, "split=per_user_random takes none"),
    ({"split": "random", "ratios": (0.8, 0.1)}, "must be three positive shares"),
    ({"split_seed": -1}, "split_seed=-1: must be at least 0"),
])  # fmt: skip
def test_splits_that_cannot_be(prepare, words, message):
    with pytest.raises(ValueError, match=message):
        prepare({"a.csv": lines(PAIRS)}, **words)


def test_a_part_that_stays_empty(prepare):
    with pytest.raises(ValueError, match=r"split=per_user_random: the val part is empty \(2 interactions\)"):
        prepare({"a.csv": lines([("u", "a"), ("u", "b")])})
