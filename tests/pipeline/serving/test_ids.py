import numpy as np
import pytest
import torch

from mmgraph.pipeline.serving import IdTable, Texts

TEXTS = IdTable("user", Texts.of(["alice", "Bob", "007", "7", "größe", "a b"]))
NUMBERS = IdTable("item", np.array([30, 10, 7300000000000000001]))


@pytest.mark.parametrize(
    "ids",
    [["Bob", "alice"], ("Bob", "alice"), np.array(["Bob", "alice"]), np.array(["Bob", "alice"], dtype=object)],
)
def test_texts_as_one_has_them(ids):
    assert TEXTS.rows(ids, name="users").tolist() == [1, 0]


class Series:
    """As a data frame's column: no list, but there is one to be had."""

    def __init__(self, values):
        self.values = values

    def tolist(self):
        return list(self.values)


def test_a_column_of_a_data_frame():
    for ids in (["Bob", "alice"], [7]):
        assert torch.equal(TEXTS.rows(Series(ids), name="users"), TEXTS.rows(ids, name="users"))
    assert NUMBERS.rows(Series([10, 30]), name="items").tolist() == [1, 0]


def test_a_number_is_the_text_that_it_is_written_as():
    assert TEXTS.rows([7, "007"], name="users").tolist() == [3, 2]
    assert TEXTS.rows(np.array([7]), name="users").tolist() == [3]
    assert NUMBERS.rows(["7300000000000000001", 10], name="items").tolist() == [2, 1]
    assert NUMBERS.rows(torch.tensor([10, 30]), name="items").tolist() == [1, 0]
    assert "10" in NUMBERS
    assert "010" not in NUMBERS


def test_ids_of_rows():
    rows = torch.tensor([[1, -1], [4, 0]])
    assert TEXTS.ids(rows).tolist() == [["Bob", None], ["größe", "alice"]]
    assert NUMBERS.ids(torch.tensor([2, -1])).tolist() == [7300000000000000001, -1]


@pytest.mark.parametrize(
    ("table", "ids", "message"),
    [
        (TEXTS, ["alise"], "users: there is no user 'alise' in the data; did you mean 'alice'?"),
        (TEXTS, ["bob"], "there is no user 'bob' in the data; did you mean 'Bob'"),
        (TEXTS, ["alice", " alice", "alice "], r"no user ' alice' in the data \(and 1 others .*; did you mean 'alice'"),
        (TEXTS, ["x1y2z3"], r"no user 'x1y2z3' in the data; its ids are such as 'alice', 'Bob', '007'"),
        (TEXTS, [70], "there is no user '70' in the data; did you mean '7'"),
        (TEXTS, [], r"users must be a list of ids, such as \['alice', 'bob'\]; got \[\]"),
        (TEXTS, [1.5], "users must be a list of ids"),
        (TEXTS, [True], "users must be a list of ids"),
        (TEXTS, None, "users must be a list of ids"),
        (NUMBERS, [5], "there is no item 5 in the data: ids are 3 numbers from 10 to 7300000000000000001"),
        (NUMBERS, ["ten"], "there is no item 'ten' in the data: ids are 3 numbers"),
        (NUMBERS, ["010"], "there is no item '010' in the data: ids are 3 numbers"),
        (NUMBERS, ["9" * 30], "there is no item '9999"),
        (NUMBERS, [], "users must be a list of whole numbers"),
    ],
)
def test_what_is_not_there_is_named(table, ids, message):
    with pytest.raises(ValueError, match=message):
        table.rows(ids, name="users")


def test_a_million_ids_are_looked_through_in_a_moment():
    table = IdTable("user", Texts.of(f"customer-{row}" for row in range(200_000)))
    with pytest.raises(ValueError, match="did you mean 'customer-"):
        table.rows(["custumer-17"], name="users")
