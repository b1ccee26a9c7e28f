"""Every form that interactions come in, read to the same pairs."""

import gzip
import json

import numpy as np
import pytest
import scipy.sparse

import mmgraph as mm
from tests.prepare.conftest import PAIRS, lines

NUMBERS = [(u, i) for u in range(5) for i in sorted((u + k) % 6 for k in range(4))]
AS_TEXT = [(str(u), str(i)) for u, i in NUMBERS]


def one_per_user(pairs):
    users = sorted({u for u, _ in pairs})
    return "".join(f"{u} {' '.join(str(i) for v, i in pairs if v == u)}\n" for u in users)


def parts():
    """Train, validation and test of the numbered pairs: each user's last item for test."""
    test = [pair for k, pair in enumerate(NUMBERS) if k % 4 == 3]
    val = [pair for k, pair in enumerate(NUMBERS) if k % 4 == 2]
    return [pair for pair in NUMBERS if pair not in test + val], val, test


@pytest.mark.parametrize(("name", "separator"), [
    ("a.csv", ","), ("a.tsv", "\t"), ("a.csv", ";"), ("a.txt", "|"), ("a.tab", "\t"), ("noname", ","),
])  # fmt: skip
def test_the_separator_is_seen_in_the_first_line(prepare, name, separator):
    made = prepare({name: lines(PAIRS, header=separator.join(["user", "item"]), separator=separator)})
    assert sorted(made.pairs) == sorted(PAIRS)


def test_a_given_separator_and_a_table_without_a_header(prepare):
    text = lines(PAIRS, header="u0^i9", separator="^")
    made = prepare({"a.txt": text}, separator="^", header=["user", "item"])
    assert sorted(made.pairs) == sorted([*PAIRS, ("u0", "i9")])


def test_all_files_of_a_folder_whatever_the_order_of_their_columns(prepare, tmp_path):
    files = {"in/a.csv": lines(PAIRS[:9]), "in/b.csv": lines([(i, u) for u, i in PAIRS[9:]], header="item,user")}
    made = prepare({**files, "in/notes.md": "no table"}, interactions="in")
    assert sorted(made.pairs) == sorted(PAIRS)
    assert [(file["name"], file["rows"]) for file in made.record["inputs"]] == [("a.csv", 9), ("b.csv", 11)]
    again = prepare(interactions=[tmp_path / "in" / "b.csv", tmp_path / "in" / "a.csv"], out="again")
    assert again.rows == made.rows


def test_lightgcn(prepare):
    train, val, test = parts()
    made = prepare(
        {"in/train.txt": one_per_user(train + val) + "7\n", "in/test.txt": one_per_user(test)}, interactions="in"
    )
    assert sorted(made.pairs) == sorted(AS_TEXT)
    held = {pair for pair, label in made.labels.items() if label == 2}
    assert held == {(str(u), str(i)) for u, i in test}
    assert sum(label == 1 for label in made.labels.values()) == 5  # one drawn from each user's train
    assert made.record["split"]["name"] == "x_label_draw_validation"


def test_recbole(prepare):
    train, val, test = parts()
    files = {
        f"in/x.{part}.inter": lines(pairs, header="user_id:token\titem_id:token", separator="\t")
        for part, pairs in (("train", train), ("valid", val), ("test", test))
    }
    made = prepare({**files, "in/x.item": "item_id:token\ttitle:token_seq\n0\tcup\n"}, interactions="in")
    assert made.labels == {(str(u), str(i)): label for label, part in enumerate((train, val, test)) for u, i in part}


def test_recbole_in_one_file(prepare):
    rows = [(u, i, 1.5, 1e9 + k) for k, (u, i) in enumerate(PAIRS)]
    header = "uid:token\tiid:token\trating:float\ttimestamp:float"
    made = prepare({"x/x.inter": lines(rows, header=header, separator="\t")}, interactions="x")
    assert sorted(made.pairs) == sorted(PAIRS)
    assert {row["rating"] for row in made.rows} == {"1.5"}


def test_movielens(prepare):
    text = lines([(u, i, 5, 978300760) for u, i in NUMBERS], header="9::8::3::978300760", separator="::")
    movies = "0::Toy Story (1995)::Animation|Comedy\n8::Café::Drama\n".encode("latin-1")
    made = prepare({"ratings.dat": text, "movies.dat": movies}, items="movies.dat", encoding="latin-1")
    assert ("9", "8") in made.pairs
    assert {item["original_id"]: (item["title"], item["category"]) for item in made.items if item["title"]} == {
        "0": ("Toy Story (1995)", "Animation|Comedy"), "8": ("Café", "Drama"),
    }  # fmt: skip


def test_given_parts_without_validation(prepare):
    train, val, test = parts()
    made = prepare({"a.csv": lines(train + val), "b.csv": lines(test)}, train="a.csv", test="b.csv")
    assert {pair for pair, label in made.labels.items() if label == 2} == {(str(u), str(i)) for u, i in test}
    again = prepare(train="a.csv", test="b.csv", out="b", split_seed=1)
    assert again.labels != made.labels


def test_a_pair_in_two_parts_stays_in_train(prepare):
    train, val, test = parts()
    files = {"a.csv": lines(train), "b.csv": lines(val), "c.csv": lines([*test, train[0]])}
    made = prepare(files, train="a.csv", val="b.csv", test="c.csv", repeats="last")
    assert made.labels["0", str(train[0][1])] == 0
    assert "1 pairs are in several parts of the split: each stays in the first" in made.notes


@pytest.mark.parametrize("words", [{}, {"train": "a.csv"}, {"train": "a.csv", "val": "a.csv"}])
def test_parts_that_are_not_all_there(prepare, words):
    with pytest.raises(ValueError, match=r"there is nothing to read|a given split needs train= and test="):
        prepare({"a.csv": lines(PAIRS)}, **{"interactions": None, **words})


def test_scipy_matrices(prepare, tmp_path):
    for name, part in zip(("trnMat", "valMat", "tstMat"), parts(), strict=True):
        row, column = zip(*part, strict=True)
        scipy.sparse.save_npz(tmp_path / f"{name}.npz", scipy.sparse.coo_matrix((np.ones(len(part)), (row, column))))
    made = prepare(train="trnMat.npz", val="valMat.npz", test="tstMat.npz")
    assert made.labels == {(str(u), str(i)): label for label, part in enumerate(parts()) for u, i in part}
    assert "rating" not in made.rows[0]


def test_values_of_a_matrix_are_ratings(prepare, tmp_path):
    row, column = zip(*NUMBERS, strict=True)
    scipy.sparse.save_npz(tmp_path / "m.npz", scipy.sparse.csr_matrix((np.arange(1.0, 21), (row, column)), (5, 6)))
    made = prepare(interactions="m.npz", min_rating=3)
    assert len(made.rows) == 18


@pytest.mark.parametrize("name", ["trnMat.pkl", "train_mat"])
def test_pickles_are_refused(prepare, name):
    with pytest.raises(ValueError, match=r"is a pickle, .*save_npz\('(trnMat|train_mat).npz'"):
        prepare({name: b"\x80\x04cos\nsystem\n(S'touch /tmp/x'\ntR."})


def test_a_matrix_of_python_objects_is_refused(prepare, tmp_path):
    np.savez(tmp_path / "m.npz", row=np.array([{}], dtype=object), format="coo")
    with pytest.raises(ValueError, match=r"m.npz: cannot be read as a sparse matrix"):
        prepare(interactions="m.npz")


@pytest.mark.parametrize(("content", "message"), [
    (b"PK\x03\x04rest", "is a zip archive; unpack it"),
    (b"", "which column of"),
    (b"user\n1\n", "which column of"),
])  # fmt: skip
def test_files_that_are_no_table(prepare, content, message):
    with pytest.raises(ValueError, match=message):
        prepare({"a.csv": content})


def test_a_list_in_json_is_told_apart_from_lines(prepare):
    with pytest.raises(ValueError, match=r"a.json: must be JSON lines.*jq -c '.\[\]' a.json"):
        prepare({"a.json": json.dumps([{"user": 1, "item": 2}])})


def test_a_header_without_rows(prepare):
    with pytest.raises(ValueError, match="read: no interaction is left"):
        prepare({"a.csv": "user,item\n"})


def test_a_name_twice_in_the_header(prepare):
    with pytest.raises(ValueError, match=r"a.csv:1: \['item'\] stands twice in the header"):
        prepare({"a.csv": "user,item,item\nu,i,j\n"})


def test_files_and_folders_that_are_not_there(prepare, tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no such file or folder"):
        prepare(interactions="nowhere.csv")
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="no file in this folder ends in one of"):
        prepare(interactions="empty")
    assert not list(tmp_path.glob(".made*"))


FRAMES = ["pandas", "polars", "pyarrow"]


def framed(kind, columns):
    module = pytest.importorskip(kind)
    return module.table(columns) if kind == "pyarrow" else module.DataFrame(columns)


@pytest.mark.parametrize("kind", FRAMES)
def test_data_frames(tmp_path, kind):
    users, items = zip(*PAIRS, strict=True)
    orders = framed(kind, {"customer": users, "sku": items, "at": list(range(len(PAIRS)))})
    products = framed(kind, {"sku": [f"i{k}" for k in range(6)], "title": list("abcdef")})
    columns = {"timestamp": "at"}
    data = mm.prepare_data(orders, items=products, out=tmp_path / "made", columns=columns, verbose=False)
    assert isinstance(data, mm.MMRecFolder)
    assert [row["title"] for row in data.items] == list("abcdef")
    assert data.summary["interactions"] == 20


def test_parquet_with_types_of_its_own(prepare, tmp_path):
    pandas = pytest.importorskip("pandas")
    users, items = zip(*NUMBERS, strict=True)
    times = pandas.to_datetime("2024-01-01T00:00:00.25Z") + pandas.to_timedelta(range(20), unit="D")
    pandas.DataFrame({"user_id": users, "item_id": items, "created_at": times}).to_parquet(tmp_path / "a.parquet")
    made = prepare(interactions="a.parquet", split="per_user_time")
    assert sorted(made.pairs) == sorted(AS_TEXT)
    assert made.rows[0]["timestamp"] == "1704067200.250000"


def test_numbers_with_decimals_are_no_ids(tmp_path):
    pandas = pytest.importorskip("pandas")
    orders = pandas.DataFrame({"user": [1.0, 2.0], "item": ["a", "b"]})
    with pytest.raises(ValueError, match="interactions: the users in column 'user' are neither texts nor whole"):
        mm.prepare_data(orders, out=tmp_path / "made", verbose=False)


def test_a_column_of_numbers_and_texts(tmp_path):
    pandas = pytest.importorskip("pandas")
    orders = pandas.DataFrame({"user": pandas.Series([1, "1"], dtype=object), "item": ["a", "b"]})
    with pytest.raises(ValueError, match=r"interactions: column 'user' mixes \['int', 'str'\]"):
        mm.prepare_data(orders, out=tmp_path / "made", verbose=False)


def test_what_is_neither_a_path_nor_a_frame(tmp_path):
    with pytest.raises(TypeError, match="interactions: must be paths or a data frame"):
        mm.prepare_data(object(), out=tmp_path / "made", verbose=False)


@pytest.mark.parametrize(("name", "other"), [("a[1].csv", "a1.csv"), ("b*.csv", "bxx.csv"), ("c?.csv", "c1.csv")])
def test_a_name_that_is_a_pattern_means_the_file_of_this_name(prepare, name, other):
    other_rows = lines([("nobody", "nothing")])
    assert sorted(prepare({name: lines(PAIRS), other: other_rows}).pairs) == sorted(PAIRS)


def test_names_with_quotes_and_folders_with_patterns(prepare):
    made = prepare({'it\'s [a] "b".csv': lines(PAIRS).replace("\n", "\r\n")}, out="in [1]/made")
    assert sorted(made.pairs) == sorted(PAIRS)


@pytest.mark.parametrize("kept", [3, 40])
def test_a_gzip_that_is_cut_off_is_named(prepare, kept):
    content = gzip.compress(b"user,item\n" + b"".join(b"u%d,i%d\n" % (i, i % 7) for i in range(99)))
    with pytest.raises(ValueError, match=r"a\.csv\.gz: is cut off or damaged"):
        prepare({"a.csv.gz": content[: len(content) - kept]})


def test_an_encoding_that_is_none_is_a_sentence(prepare):
    with pytest.raises(ValueError, match=r"encoding=klingon: Python knows none of this name"):
        prepare({"a.csv": b"user,item\na,b\n"}, encoding="klingon")
