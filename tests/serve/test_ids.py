import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmgraph.serve.ids import IdLookup, UnknownIdError


@given(st.lists(st.text(min_size=1), min_size=1, unique=True), st.text())
def test_every_id_is_found_and_prefixes_find_what_begins_with_them(ids, prefix):
    table = IdLookup("user", ids)
    assert table.rows(ids).tolist() == list(range(len(ids)))
    assert table.starting_with(prefix, limit=len(ids)) == sorted(name for name in ids if name.startswith(prefix))


def test_the_limit_cuts_the_list_of_what_begins_alike():
    assert IdLookup("item", ["b2", "b1", "b3"]).starting_with("b", limit=2) == ["b1", "b2"]


def test_no_ids_are_no_rows():
    assert IdLookup("user", ["a"]).rows([]).tolist() == []


@pytest.mark.parametrize(
    ("wrong", "close"),
    [("SKU-1004", ["SKU-1002", "SKU-1003"]), (" SKU-1002 ", ["SKU-1002", "SKU-1003"]), ("zebra", [])],
)
def test_an_unknown_id_names_close_ones(wrong, close):
    table = IdLookup("item", ["SKU-1002", "SKU-1003", "other"])
    with pytest.raises(UnknownIdError, match=r"there is no item '.*' in this run; ") as caught:
        table.rows(["other", wrong])
    assert sorted(caught.value.close) == close


def test_an_unknown_id_that_nothing_is_close_to_shows_how_ids_look():
    with pytest.raises(UnknownIdError, match=r"ids are such as a1, b2$"):
        IdLookup("user", ["a1", "b2"]).rows(["???"])


def test_a_long_id_is_cut_in_the_message():
    with pytest.raises(UnknownIdError) as caught:
        IdLookup("user", ["a"]).rows(["x" * 10_000])
    assert len(str(caught.value)) < 200
