"""Times become seconds since 1970, and how they were read is told."""

import pytest

from tests.prepare.conftest import PAIRS, lines


def timed(prepare, *times, **words):
    rows = [(*pair, times[k % len(times)]) for k, pair in enumerate(PAIRS)]
    return prepare({"a.csv": lines(rows, header="user,item,time")}, **words)


@pytest.mark.parametrize(("text", "seconds"), [
    ("2024-01-01", "1704067200"),
    ("2024-01-01 00:00", "1704067200"),
    ("2024-01-01T00:00:00Z", "1704067200"),
    ("2024-01-01T02:00:00+02:00", "1704067200"),
    ("2023-12-31T19:00:00-0500", "1704067200"),
    ("2024-01-01T00:00:00.125Z", "1704067200.125000"),
    ("1704067200", "1704067200"),
    ("1704067200.5", "1704067200.500000"),
    ("1.7040672e9", "1704067200"),
    ("1704067200000", "1704067200"),
    ("1704067200125", "1704067200.125000"),
    ("1704067200000000", "1704067200"),
    ("1704067200000000000", "1704067200"),
    ("-5", "-5"),
    ("7", "7"),
])  # fmt: skip
def test_every_way_to_write_a_time(prepare, text, seconds):
    assert {row["timestamp"] for row in timed(prepare, text).rows} == {seconds}


@pytest.mark.parametrize(("times", "note"), [
    (("1704067200", "5"), "numbers, read as seconds since 1970"),
    (("1704067200000", "5"), "numbers, read as milliseconds since 1970"),
    (("2024-01-01T00:00:00Z", "2024-01-01T00:00:00+05:00"), "dates with offsets, in UTC from here on"),
    (("2024-01-01", "2024-01-02 10:00"), "dates without an offset, read as UTC"),
])  # fmt: skip
def test_what_is_told(prepare, times, note):
    assert f"timestamps are {note}" in timed(prepare, *times).notes


def test_offsets_on_some_dates_only(prepare):
    with pytest.raises(ValueError, match="timestamp: 10 dates name their offset from UTC and 10 do not"):
        timed(prepare, "2024-01-01T00:00:00+01:00", "2024-01-01T00:00:00")


@pytest.mark.parametrize(("times", "message"), [
    (("31.1.2024",), "a.csv:2: the timestamp is neither ISO 8601"),
    (("infinity",), "a.csv:2: the timestamp is neither ISO 8601"),
    (("2024-01-01", "1704067200"), "a.csv:3: the timestamp is neither ISO 8601"),
    (("1704067200", "2024-01-01"), "a.csv:3: the timestamp is no number, as the first one is"),
    (("1704067200", ""), "a.csv:3: the timestamp is no number, as the first one is"),
])  # fmt: skip
def test_what_is_no_time(prepare, times, message):
    with pytest.raises(ValueError, match=message):
        timed(prepare, *times)


def test_files_may_write_times_in_their_own_ways(prepare, tmp_path):
    half = len(PAIRS) // 2
    texts = {
        "in/a.csv": lines([(*pair, "2024-01-01T00:00:00Z") for pair in PAIRS[:half]], header="user,item,time"),
        "in/b.csv": lines([(*pair, "1704067200") for pair in PAIRS[half:]], header="user,item,time"),
    }
    assert {row["timestamp"] for row in prepare(texts, interactions="in").rows} == {"1704067200"}
