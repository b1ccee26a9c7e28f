import numpy as np
import pytest

from mmgraph.pipeline.given_ids import rows_of
from mmgraph.pipeline.serving import IdTable, Texts
from tests.prepared import write_lines

TABLE = IdTable("user", Texts.of(["alice", "bob", "a,b", "users", "carol.csv"]))
NUMBERS = IdTable("item", np.array([30, 10, 20]))


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def rows(given, table=TABLE, **options):
    return rows_of(given, table, name="users", **options).tolist()


def test_all_one_and_many():
    assert rows("all") == [0, 1, 2, 3, 4]
    assert rows("bob") == [1]
    assert rows(["all"], IdTable("user", Texts.of(["x", "all"]))) == [1]
    assert rows(["a,b", "alice"]) == [2, 0]
    assert rows("carol.csv") == [4]
    assert rows("20", NUMBERS) == [2]


def test_a_file_with_an_id_a_line(tmp_path):
    write_lines(tmp_path / "who.txt", ["bob", "", "a,b", "bob"])
    assert rows("who.txt") == rows(tmp_path / "who.txt") == [1, 2, 1]
    write_lines(tmp_path / "what", ["10", "30"])
    assert rows("what", NUMBERS) == [1, 0]


@pytest.mark.parametrize("header", ["user,age", '"user","age"', "original_id,age", "userID,age", "user_id,age"])
def test_a_file_with_a_column(tmp_path, header):
    write_lines(tmp_path / "who.csv", [header, "bob,3", "alice,4"])
    assert rows("who.csv") == [1, 0]
    write_lines(tmp_path / "who.tsv", ["age\tuser", "3\ta,b"])
    assert rows("who.tsv") == [2]


def test_what_is_two_things_is_not_guessed(tmp_path):
    write_lines(tmp_path / "users", ["bob"])
    with pytest.raises(ValueError, match=r"users=users: there is a user of this name and a file, too; write \[users\]"):
        rows("users")
    assert rows(["users"]) == [3]
    assert rows("./users") == [1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("bob\nalise\n", r"who.txt:2: users: there is no user 'alise' in the data; did you mean 'alice'"),
        ("bob \n", r"who.txt:1: users: there is no user 'bob ' in the data; did you mean 'bob'"),
        ("\n\n", r"users: .*who.txt holds no id; it needs one a line"),
        (b"PAR1\x00\x00", r"who.txt: holds NUL bytes"),
        (b"\x1f\x8b\x08abc", r"who.txt: is compressed \(gzip\)"),
        (b"gr\xf6\xdfe\n", r"who.txt:1: is not UTF-8 text"),
    ],
)
def test_a_wrong_file(tmp_path, content, message):
    (tmp_path / "who.txt").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError, match=message):
        rows("who.txt")


def test_a_table_without_the_column(tmp_path):
    write_lines(tmp_path / "who.csv", ["bob", "alice"])
    with pytest.raises(ValueError, match=r"who.csv:1: no column of users in the header \['bob'\]; name one 'user'"):
        rows("who.csv")


@pytest.mark.parametrize("name", ["who.txt", "lists/who", "who.parquet", "~/nowhere/who"])
def test_a_file_that_is_not_there(name):
    with pytest.raises(FileNotFoundError, match="there is no such file, and no user of this name"):
        rows(name)


def test_a_short_name_is_taken_for_an_id():
    with pytest.raises(ValueError, match="there is no user 'alise' in the data; did you mean 'alice'"):
        rows("alise")
    with pytest.raises(ValueError, match="there is no user '' in the data"):
        rows("")


def test_nothing_where_nothing_will_do(tmp_path):
    write_lines(tmp_path / "none.txt", [])
    assert rows([], may_be_empty=True) == rows("none.txt", may_be_empty=True) == []
    with pytest.raises(ValueError, match="users must be a list of ids"):
        rows([])
