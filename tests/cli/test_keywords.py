from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from mmgraph.cli.keywords import split_words


def cook(
    *dishes: str,
    guests: int = 1,
    heat: float | None = None,
    dry: bool = False,
    oven: str | None = "gas",
    order: Sequence[float] | None = None,
    spices: Mapping[str, str | None] | None = None,
    memory: str | int | None = None,
    anything: Any = None,
) -> None: ...


@pytest.mark.parametrize(("words", "found"), [
    (["guests=3"], {"guests": 3}),
    (["heat=1e2", "dry=true"], {"heat": 100.0, "dry": True}),
    (["heat=null", "oven=null"], {"heat": None, "oven": None}),
    (["oven=007"], {"oven": "007"}),
    (["oven=a=b c"], {"oven": "a=b c"}),
    (["oven="], {"oven": ""}),
    (["oven='null'"], {"oven": "null"}),
    (["order=[0.8,0.1,0.1]"], {"order": [0.8, 0.1, 0.1]}),
    (["spices.hot=on", "spices.sweet=null"], {"spices": {"hot": "on", "sweet": None}}),
    (["spices={hot: 1}"], {"spices": {"hot": "1"}}),
    (["memory=4GB"], {"memory": "4GB"}),
    (["anything=[a,b]"], {"anything": ["a", "b"]}),
    (["anything=1"], {"anything": "1"}),
])  # fmt: skip
def test_values_have_the_types_that_the_function_states(words, found):
    assert split_words(words, cook) == ([], found)


def test_words_that_stand_alone():
    assert split_words(["soup", "./a=b.csv", "/x/y", "guests=2"], cook) == (
        ["soup", "./a=b.csv", "/x/y"],
        {"guests": 2},
    )


@pytest.mark.parametrize(("word", "message"), [
    ("guest=1", "guest=1: there is no word guest; did you mean guests=.* The words are anything, dry, guests"),
    ("zzz=1", "zzz=1: there is no word zzz; the words are anything"),
    ("guests=many", "guests=many: must be a whole number"),
    ("guests=1.5", "guests=1.5: must be a whole number"),
    ("guests=null", "guests=null: must be a whole number"),
    ("dry=yes", "dry=yes: must be true or false"),
    ("order=0.8", r"order=0.8: must be a list, as in \[a,b\]"),
    ("order=[a]", "must be a number"),
    ("order=[0.8", "cannot be read as a list, a mapping or a quoted text"),
    ("guests.many=1", "guests.many=1: guests has no parts; write guests=..."),
])  # fmt: skip
def test_words_that_cannot_be(word, message):
    with pytest.raises(ValueError, match=message):
        split_words([word], cook)


@pytest.mark.parametrize("words", [["guests=1", "guests=2"], ["spices.hot=a", "spices.hot=b"]])
def test_words_that_stand_twice(words):
    with pytest.raises(ValueError, match="stands twice; give one value"):
        split_words(words, cook)
