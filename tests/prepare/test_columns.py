import pytest

from mmgraph.prepare.columns import check_names, find_columns


@pytest.mark.parametrize(("header", "found"), [
    ("userID itemID rating timestamp x_label", "userID itemID rating timestamp x_label"),
    ("reviewerID asin overall unixReviewTime", "reviewerID asin overall unixReviewTime"),
    ("rating parent_asin asin user_id", "user_id parent_asin rating"),
    ("user_id:token item_id:token", "user_id:token item_id:token"),
    ("article_id customer_id price stars", "customer_id article_id stars"),
])  # fmt: skip
def test_names_that_many_files_have(header, found):
    by_meaning = zip(("user", "item", "rating", "timestamp", "x_label"), found.split(), strict=False)
    assert find_columns(header.split(), {}, place="a.csv") == dict(by_meaning)


def test_named_columns_and_one_that_is_not_to_be_read():
    header = ["who", "what", "rating", "time", "stars"]
    named = {"user": "who", "item": "what", "rating": "stars", "timestamp": None}
    assert find_columns(header, named, place="a.csv") == {"user": "who", "item": "what", "rating": "stars"}


@pytest.mark.parametrize(("header", "named", "message"), [
    (["who", "item"], {}, r"a.csv: which column of \['who', 'item'\] has the users\? Set columns.user"),
    (["user", "User", "item"], {}, r"a.csv: \['user', 'User'\] may each be the user; set columns.user"),
    (["user", "item"], {"item": "sku"}, r"a.csv: columns.item='sku', but there is no column of this name in \['user'"),
])  # fmt: skip
def test_columns_that_are_not_found(header, named, message):
    with pytest.raises(ValueError, match=message):
        find_columns(header, named, place="a.csv")


@pytest.mark.parametrize(("columns", "message"), [
    ({"users": "a"}, r"columns: unknown \['users'\]; the keys are \['user', 'item'"),
    ({"user": "a", "item": "a"}, r"columns: \['user', 'item'\] all name 'a'"),
])  # fmt: skip
def test_names_that_cannot_be(columns, message):
    with pytest.raises(ValueError, match=message):
        check_names(columns)
