"""What is left out, against plain Python."""

import random
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmgraph.prepare.engine import Engine
from mmgraph.prepare.filters import keep_core
from mmgraph.prepare.rules import Rules
from tests.prepare.conftest import PAIRS, lines


def core(pairs, least_user, least_item):
    """The definition: drop whoever has too little, until nobody has."""
    while True:
        users, items = Counter(u for u, _ in pairs), Counter(i for _, i in pairs)
        kept = [(u, i) for u, i in pairs if users[u] >= least_user and items[i] >= least_item]
        if len(kept) == len(pairs):
            return kept
        pairs = kept


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pairs=st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=60),
    least_user=st.integers(1, 4),
    least_item=st.integers(1, 4),
)
def test_the_core_is_that_of_the_definition(tmp_path_factory, pairs, least_user, least_item):
    with Engine(tmp_path_factory.mktemp("core"), memory=500_000_000, threads=1) as engine:
        values = ", ".join(map(str, sorted(pairs)))
        engine.run(f"CREATE TABLE pairs AS SELECT * FROM (VALUES {values}) AS t(u, i)")
        for side in ("user", "item"):
            engine.run(f"CREATE TABLE {side}_ids AS SELECT range AS code FROM range(10)")
        keep_core(engine, Rules(min_user=least_user, min_item=least_item))
        assert sorted(engine.rows("SELECT u, i FROM pairs")) == sorted(core(pairs, least_user, least_item))


ROWS = [
    ("a", "x", 5, 30),
    ("a", "x", 1, 10),
    ("a", "x", 3, 20),
    ("a", "y", 4, 40),
    ("a", "z", 2, 50),
    *((u, i, 3, 60) for u, i in PAIRS),
]


@pytest.mark.parametrize(
    ("repeats", "rating", "time"), [("first", "1.0", "10"), ("last", "5.0", "30"), ("count", "1.0", "10")]
)
def test_repeated_pairs(prepare, repeats, rating, time):
    made = prepare({"a.csv": lines(ROWS, header="user,item,rating,timestamp")}, repeats=repeats)
    row = dict(zip(made.pairs, made.rows, strict=True))["a", "x"]
    assert (row["rating"], row["timestamp"]) == (rating, time)
    assert len(made.rows) == len(ROWS) - 2
    assert "1 pairs occur more than once" in made.notes
    assert [row.get("weight")] == (["3"] if repeats == "count" else [None])


@pytest.mark.parametrize(("repeats", "weight"), [("first", "2"), ("last", "0.5"), ("count", "3.5")])
def test_weights_of_the_files(prepare, repeats, weight):
    rows = [("a", "x", 2), ("a", "x", 1), ("a", "x", 0.5), *((u, i, 1) for u, i in PAIRS)]
    made = prepare({"a.csv": lines(rows, header="user,item,quantity")}, columns={"weight": "quantity"}, repeats=repeats)
    assert float(dict(zip(made.pairs, made.rows, strict=True))["a", "x"]["weight"]) == float(weight)
    again = prepare(interactions="made", out="again")
    assert [row["weight"] for row in again.rows] == [row["weight"] for row in made.rows]


def test_a_weight_of_zero(prepare):
    with pytest.raises(ValueError, match=r"a.csv:2: the weight is no number above 0: a,x,0"):
        prepare({"a.csv": lines([("a", "x", 0)], header="user,item,weight")})


def test_repeated_pairs_are_dropped_altogether(prepare):
    made = prepare({"a.csv": lines(ROWS, header="user,item,rating,timestamp")}, repeats="drop")
    assert ("a", "x") not in made.pairs
    assert len(made.rows) == len(ROWS) - 3


@pytest.mark.parametrize(("repeats", "rating"), [("first", "5.0"), ("last", "3.0")])
def test_without_times_the_place_in_the_files_decides(prepare, repeats, rating):
    made = prepare({"a.csv": lines([row[:3] for row in ROWS], header="user,item,rating")}, repeats=repeats)
    assert dict(zip(made.pairs, made.rows, strict=True))["a", "x"]["rating"] == rating


def test_the_steps_in_their_order_and_what_each_left(prepare):
    made = prepare(
        {"a.csv": lines(ROWS, header="user,item,rating,timestamp")},
        since="1970-01-01T00:00:15Z", until="1970-01-01T00:01:01", repeats="last", min_rating=3, min_user=4,
    )  # fmt: skip
    assert [(step["step"], step["interactions"], step["users"]) for step in made.record["steps"]] == [
        ("read", 25, 6), ("since and until", 24, 6), ("repeats=last", 23, 6), ("min_rating=3", 22, 6),
        ("min_user=4 min_item=1", 20, 5),
    ]  # fmt: skip


@pytest.mark.parametrize(("words", "message"), [
    ({"since": "2024-01-01"}, "since and until: there are no times"),
    ({"min_rating": 3}, "min_rating=3: there are no ratings"),
    ({"since": "yesterday"}, "since='yesterday': must be ISO 8601"),
    ({"until": "31.1.2024"}, "until='31.1.2024': must be ISO 8601"),
    ({"min_rating": float("nan")}, "min_rating=nan: must be a finite number"),
    ({"k_core": 0}, "k_core=0: must be at least 1"),
    ({"min_item": -2}, "min_item=-2: must be at least 1"),
    ({"repeats": "merge"}, r"repeats='merge': must be one of \['first', 'last', 'count', 'drop'\]"),
])  # fmt: skip
def test_rules_that_cannot_be_met(prepare, words, message):
    with pytest.raises(ValueError, match=message):
        prepare({"a.csv": lines(PAIRS)}, **words)


def test_ids_are_numbered_by_value_and_then_by_text(prepare):
    ids = ["10", "9", "b", "a", "010", "-1"]
    rng = random.Random(0)
    pairs = [(u, i) for u in ids for i in rng.sample(ids, 4)]
    made = prepare({"a.csv": lines(pairs)})
    assert made.users == ["9", "10", "010", "-1", "a", "b"]
