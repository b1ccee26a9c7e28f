"""What DuckDB does in silence, or on its own account, and must not be seen in a prepared folder."""

import gzip
import hashlib
import random
import time

import pytest

from mmgraph.prepare.engine import connect
from tests.prepare.conftest import PAIRS, lines

SOUND = lines([(*pair, 5) for pair in PAIRS], header="user,item,rating")


def with_line(text, number):
    """The table with a line put in as line ``number``."""
    rows = SOUND.splitlines(keepends=True)
    return "".join([*rows[: number - 1], f"{text}\n", *rows[number - 1 :]])


def test_lines_are_counted_where_rows_span_several_of_them(prepare):
    text = 'user,item,rating,note\nu0,i0,5,"two\nlines"\n\nu1,i1,5\n'
    with pytest.raises(ValueError, match=r"orders.csv:5: there are fewer fields than in the header: u1,i1,5"):
        prepare({"orders.csv": text})


def test_a_line_with_a_field_too_many_is_found_though_no_column_behind_is_read(prepare):
    with pytest.raises(ValueError, match=r"orders.csv:4: there are more fields than in the header: u9,a, b,1"):
        prepare({"orders.csv": with_line("u9,a, b,1", 4)})


def test_a_cast_in_the_query_drops_no_row(prepare):
    """DuckDB moves a TRY_CAST into the reader of the file, where it drops what cannot be cast."""
    with pytest.raises(ValueError, match=r"orders.csv:4: the timestamp is no number, as the first one is: u9,i9,soon"):
        prepare(
            {"orders.csv": lines([("u1", "i1", 1), ("u2", "i2", 2), ("u9", "i9", "soon")], header="user,item,time")}
        )


def test_all_bad_rows_are_counted_and_set_aside(prepare, tmp_path):
    bad = "".join(f"x{k},y\n" for k in range(2500))  # more than DuckDB keeps by default
    with pytest.raises(ValueError, match=r"(?s)orders.csv:22: .*\(2,500 such rows in "):
        prepare({"orders.csv": SOUND + bad})
    made = prepare({"orders.csv": SOUND + bad}, bad_rows="bad.tsv")
    assert sorted(made.pairs) == sorted(PAIRS)
    assert "2,500 rows that cannot be read are set aside" in made.notes
    found = (tmp_path / "bad.tsv").read_text().splitlines()
    assert len(found) == 2501
    assert found[-1].split("\t")[1:] == ["2521", "there are fewer fields than in the header", "x2499,y"]


@pytest.mark.parametrize("row", [",i1,5", '"",i1,5', "  ,i1,5"])
def test_an_empty_id_is_found(prepare, row):
    with pytest.raises(ValueError, match=r"orders.csv:3: the user is empty: "):
        prepare({"orders.csv": with_line(row, 3)})


JSON = "".join(f'{{"user": "{u}", "item": "{i}", "stars": 5}}\n' for u, i in PAIRS)


@pytest.mark.parametrize("row", ['{"user": "u1", "item": ', "[1, 2]", "nonsense", '"user"'])
def test_a_broken_line_of_json_is_found(prepare, row):
    with pytest.raises(ValueError, match=r"orders.jsonl:21: this is no JSON object: "):
        prepare({"orders.jsonl": JSON + row + "\n"})


@pytest.mark.parametrize(("row", "rule"), [
    ('{"item": "i1"}', "the user is empty"),
    ('{"user": null, "item": "i1"}', "the user is empty"),
    ('{"user": 1.50, "item": "i1"}', "the user is neither a text nor a whole number"),
    ('{"user": ["u1"], "item": "i1"}', "the user is neither a text nor a whole number"),
    ('{"user": "u1", "item": "i1", "stars": "many"}', "the rating is no number"),
])  # fmt: skip
def test_a_line_of_json_with_a_bad_value_is_found(prepare, row, rule):
    with pytest.raises(ValueError, match=rf"orders.jsonl:22: {rule}"):
        prepare({"orders.jsonl": JSON + "\n" + row + "\n"}, columns={"rating": "stars"})


def test_ids_are_texts_whatever_they_look_like(prepare):
    ids = [
        "00012345678901234567",
        "12345678901234567890",
        "007",
        "7",
        "1e3",
        "1000",
        "0x1f",
        "true",
        "NULL",
        "-5",
        "12.0",
    ]
    pairs = [(u, i) for k, u in enumerate(ids) for i in (ids[k], ids[k - 1], ids[k - 2])]
    made = prepare({"orders.csv": lines(pairs)})
    assert sorted(made.pairs) == sorted(pairs)
    assert "1 users are written in several ways, as '007' and '7'" in made.notes


def test_whole_numbers_in_json_keep_their_digits(prepare):
    text = "".join(f'{{"user": {u}, "item": {i}}}\n' for u in (18446744073709551616, 3) for i in (10**25, 5, 6))
    assert set(prepare({"orders.jsonl": text}).users) == {"18446744073709551616", "3"}


def test_times_without_an_offset_are_utc_wherever_this_machine_stands(prepare, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        text = lines([(*pair, "2024-01-01T00:00:00") for pair in PAIRS], header="user,item,time")
        made = prepare({"orders.csv": text})
    finally:
        monkeypatch.undo()
        time.tzset()
    assert {row["timestamp"] for row in made.rows} == {"1704067200"}
    assert "dates without an offset, read as UTC" in made.notes


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "shift_jis", "utf-8-sig"])
def test_other_encodings_are_read_without_an_extension_of_duckdb(prepare, encoding):
    names = {"shift_jis": "茶"}
    item = names.get(encoding, "café")
    pairs = [*PAIRS, ("u0", item), ("u1", item)]
    made = prepare({"orders.csv": lines(pairs).encode(encoding)}, encoding=encoding)
    assert sorted(made.pairs) == sorted(pairs)
    settings = connect(":memory:").execute(
        "SELECT current_setting('autoinstall_known_extensions'), current_setting('autoload_known_extensions')"
    )
    assert settings.fetchall() == [(False, False)]


@pytest.mark.parametrize(("content", "message"), [
    (lines([*PAIRS, ("u1", "café")]).encode("latin-1"), r"orders.csv:22: this is no UTF-8 \(set encoding=latin-1"),
    (lines(PAIRS).encode("utf-16"), "orders.csv: is UTF-16 text; set encoding=utf-16"),
])  # fmt: skip
def test_another_encoding_that_nobody_named(prepare, content, message):
    with pytest.raises(ValueError, match=message):
        prepare({"orders.csv": content})


def test_an_encoding_that_does_not_fit(prepare):
    text = lines(PAIRS).encode() + "u1,café\n".encode("latin-1")
    with pytest.raises(ValueError, match=r"orders.csv: is no utf-8 text \(byte 0xe9, about line 22\)"):
        prepare({"orders.csv": text}, encoding="utf-8")


def line_ends(rows, ends):
    return b"".join(row.encode() + ends[k % len(ends)] for k, row in enumerate(rows.splitlines()))


@pytest.mark.parametrize("ends", [[b"\r\n"], [b"\r"], [b"\r\n", b"\n"], [b"\n", b"\r\n", b"\n"], [b"\n", b"\r"]])
@pytest.mark.parametrize("packed", [False, True])
def test_line_ends_of_any_kind_even_mixed(prepare, ends, packed):
    content = line_ends(SOUND, ends)
    made = prepare({"orders.csv": gzip.compress(content) if packed else content})
    assert sorted(made.pairs) == sorted(PAIRS)


def test_mixed_line_ends_behind_what_a_sniffer_looks_at(prepare):
    pairs = [(f"user-{k % 5000}", f"item-{k % 7919}") for k in range(60_000)]
    head, tail = lines(pairs[:50_000]).encode(), lines(pairs[50_000:]).encode().partition(b"\n")[2]
    made = prepare({"orders.csv": head + tail.replace(b"\n", b"\r\n")})
    assert made.record["steps"][0]["interactions"] == 60_000


@pytest.mark.parametrize("bad_rows", [None, "bad.tsv"])
def test_a_quote_that_is_not_closed_is_never_set_aside(prepare, bad_rows):
    with pytest.raises(
        ValueError, match=r"orders.csv:4: a quote is not closed.*\nthe rows behind it cannot be told apart"
    ):
        prepare({"orders.csv": with_line('u9,"i9,5', 4)}, bad_rows=bad_rows)


def test_two_quotes_that_close_each_other_over_lines(prepare):
    """Nothing is wrong for a reader of CSV: the item is two lines long."""
    text = SOUND + 'u9,"i9,5\nu8,i8",5\n'
    with pytest.raises(ValueError, match=r"orders.csv:22: the item holds a line break: u9,\"i9,5\\nu8,i8\",5"):
        prepare({"orders.csv": text})


def test_quotes_can_be_text(prepare):
    made = prepare({"orders.csv": with_line('u9,"i9,5', 4)}, quote=None)
    assert ("u9", '"i9') in made.pairs


def test_gzip_and_zstd_are_known_by_their_first_bytes(prepare, tmp_path):
    connect(":memory:").execute(
        f"COPY (SELECT 'u' || range AS \"user\", 'i' || x AS item FROM range(3), range(3) AS r(x)) TO "
        f"'{tmp_path}/b' (FORMAT csv, HEADER true, COMPRESSION zstd)"
    )
    packed = prepare({"a": gzip.compress(SOUND.encode())}, out="gz")
    assert sorted(packed.pairs) == sorted(PAIRS)
    assert sorted(prepare(interactions="b", out="zst").pairs) == [
        (f"u{u}", f"i{i}") for u in range(3) for i in range(3)
    ]


def test_an_empty_core_is_an_error(prepare):
    with pytest.raises(ValueError, match="min_user=9 min_item=9: no interaction is left"):
        prepare({"orders.csv": SOUND}, k_core=9)


def test_ids_that_a_spreadsheet_would_take_for_formulas_stay_what_they_are(prepare):
    pairs = [(u, i) for u in ("=1+1", "+1", "@a") for i in ("-2", "=x", '"q"', "a\tb")]
    made = prepare(
        {"orders.csv": "user,item\n" + "".join(f'{u},"{i.replace(chr(34), chr(34) * 2)}"\n' for u, i in pairs)}
    )
    assert sorted(made.pairs) == sorted(pairs)


def files_of(made):
    return {path.name: path.read_bytes() for path in sorted(made.folder.iterdir()) if path.name != "dataset.json"}


@pytest.mark.parametrize(
    "split", ["per_user_random", "per_user_time", "random", "global_time", "cold_items", "leave_one_out"]
)
def test_the_same_bytes_for_any_order_of_lines_threads_and_memory(prepare, split):
    rng = random.Random(0)
    rows = [
        (f"u{rng.randrange(150)}", f"i{rng.randrange(150)}", rng.randrange(5), rng.randrange(40)) for _ in range(9_000)
    ]
    header = "user,item,rating,timestamp"
    words = {"split": split, "k_core": 3, "repeats": "last", "out": "a/shop"}
    first = prepare({"orders.csv": lines(rows, header=header)}, threads=1, memory="500MB", **words)
    rng.shuffle(rows)
    second = prepare({"orders.csv": lines(rows, header=header)}, **{**words, "out": "b/shop", "threads": 4})
    assert files_of(first) == files_of(second)
    assert first.record["split"] == second.record["split"]


def test_the_drawn_split_is_known_for_ever(prepare):
    """It depends on digests of seed and ids, which no version of an engine changes."""
    made = prepare({"orders.csv": SOUND}, split="per_user_random")

    def draw(pair):
        return int.from_bytes(hashlib.md5("|".join(("0", *pair)).encode()).digest()[:8], "little")

    for user in range(5):
        ordered = sorted((pair for pair in PAIRS if pair[0] == f"u{user}"), key=draw)
        assert [made.labels[pair] for pair in ordered] == [2, 1, 0, 0]
