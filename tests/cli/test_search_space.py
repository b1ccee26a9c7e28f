import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from mmgraph.cli.search_space import search_spaces

pytest.importorskip("optuna", minversion="4")


def spaces(*words):
    return search_spaces(OverridesParser.create().parse_overrides(list(words)))


@pytest.mark.parametrize(
    ("values", "kind", "settings"),
    [
        ("1,2,3", "Categorical", {"choices": ("1", "2", "3")}),
        ("a,null,true", "Categorical", {"choices": ("a", "null", "True")}),
        ("[1],[1,2]", "Categorical", {"choices": ("[1]", "[1,2]")}),
        ("'a b','c'", "Categorical", {"choices": ("'a b'", "'c'")}),
        ("choice(b,a)", "Categorical", {"choices": ("b", "a")}),
        ("shuffle(b,a,d,c)", "Categorical", {"choices": ("b", "a", "d", "c")}),
        ("shuffle(range(1,4))", "Int", {"low": 1, "high": 3, "step": 1}),
        ("range(1,5)", "Int", {"low": 1, "high": 4, "step": 1, "log": False}),
        ("range(5,0,-2)", "Int", {"low": 1, "high": 5, "step": 2, "log": False}),
        ("range(0.0,1.0,0.25)", "Float", {"low": 0.0, "high": 0.75, "step": 0.25, "log": False}),
        ("int(interval(1,8))", "Int", {"low": 1, "high": 8, "step": 1, "log": False}),
        ("tag(log,int(interval(1,8)))", "Int", {"low": 1, "high": 8, "log": True}),
        ("interval(1,8)", "Float", {"low": 1.0, "high": 8.0, "log": False}),
        ("interval(0.1,0.5)", "Float", {"low": 0.1, "high": 0.5, "log": False, "step": None}),
        ("tag(log,interval(1e-4,1e-1))", "Float", {"low": 1e-4, "high": 1e-1, "log": True}),
    ],
)
def test_ranges_are_hydras(values, kind, settings):
    (space,) = spaces(f"x.y={values}")
    assert type(space["x.y"]).__name__ == f"{kind}Distribution"
    assert {name: getattr(space["x.y"], name) for name in settings} == settings


def test_what_is_not_searched_stays_as_it_is_and_the_last_word_counts():
    (space,) = spaces("a=1,2", "b='x y'", "a=3,4", "+c=null")
    assert list(space) == ["a", "b", "+c"]
    assert space["a"].choices == ("3", "4")
    assert (space["b"], space["+c"]) == ("'x y'", "null")


def test_a_search_for_each_model_and_data_set():
    found = spaces("model=a,b", "dataset=x,y", "k=1,2")
    assert [(space["model"], space["dataset"]) for space in found] == [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")]
    assert all(space["k"] is found[0]["k"] for space in found)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["k=1"], "needs something to choose"),
        (["model=a,b"], "needs something to choose"),
        (["k=1,2", "seed=range(3)"], r"seed=range\(3\): a search would choose the luckiest seed"),
        (["k=range(3,3)"], r"k=range\(3,3\): the range has no value"),
    ],
)
def test_what_cannot_be_searched(words, message):
    with pytest.raises(ValueError, match=message):
        spaces(*words)
