"""Lists in files: the same in each, whole or not at all."""

import csv
import json
import math
import re
import sys

import duckdb
import numpy as np
import pytest
import torch

from mmgraph.pipeline import list_files
from mmgraph.pipeline.list_files import harmless, write_lists
from mmgraph.pipeline.listing import Listing, for_items, for_users
from mmgraph.reading import read_rows
from tests.prepared import NUM_ITEMS, item_id, title, user_id

ENDINGS = (".parquet", ".csv", ".jsonl")


def rows_of(path):
    """What stands in a file, with the types that it keeps."""
    if path.suffix == ".parquet":
        found = duckdb.sql(f"FROM '{path}'")
        return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text().splitlines()]
    with path.open(newline="") as file:
        return list(csv.DictReader(file, quoting=csv.QUOTE_NONNUMERIC))


def expected(run, rows, k):
    """The lines of :meth:`Run.recommend`."""
    lists = run.recommend([user_id(row) for row in rows], k=k)
    return [
        {"user": user_id(row), "rank": rank + 1, "item": item, "score": score, "title": _title(item)}
        for row, items, scores in zip(rows, lists.ids.tolist(), lists.scores.tolist(), strict=True)
        for rank, (item, score) in enumerate(zip(items, scores, strict=True))
        if item is not None
    ]


def _title(item):
    return next(title(row) for row in range(NUM_ITEMS) if item_id(row) == item)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_line_for_each_item(shop_run, tmp_path, ending):
    rows = [3, 11, 0]
    path = tmp_path / f"lists{ending}"
    written = shop_run.write_recommendations(path, [user_id(row) for row in rows], k=NUM_ITEMS)
    wanted = expected(shop_run, rows, NUM_ITEMS)
    assert (written.lists, written.lines) == (3, len(wanted)) == (3, 3 * (NUM_ITEMS - 5))
    for found, line in zip(rows_of(path), wanted, strict=True):
        assert list(found) == ["user", "rank", "item", "score", "title"]
        assert np.float32(found.pop("score")) == np.float32(line.pop("score"))
        assert found == {name: harmless(value) if ending == ".csv" else value for name, value in line.items()}
    assert [path.name for path in tmp_path.iterdir()] == [path.name]


def test_similar_items(shop_run, tmp_path):
    shop_run.write_similar_items(tmp_path / "alike.jsonl", [item_id(3)], k=4, category="hat")
    found = rows_of(tmp_path / "alike.jsonl")
    lists = shop_run.similar_items([item_id(3)], k=4, category="hat")
    assert [line["similar"] for line in found] == lists.ids[0].tolist()
    assert {line["item"] for line in found} == {item_id(3)}
    assert list(found[0]) == ["item", "rank", "similar", "score", "title"]


def test_no_spreadsheet_runs_what_csv_holds(shop_run, tmp_path):
    written = shop_run.write_recommendations(tmp_path / "lists.csv", k=NUM_ITEMS)
    items = [line["item"] for line in rows_of(tmp_path / "lists.csv")]
    assert "'=SKU+7" in items
    assert "=SKU+7" not in items
    assert written.changed_ids == items.count("'=SKU+7") > 0
    assert shop_run.write_recommendations(tmp_path / "lists.jsonl", k=NUM_ITEMS).changed_ids == 0
    assert "=SKU+7" in {line["item"] for line in rows_of(tmp_path / "lists.jsonl")}


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1"])
def test_formulas(text):
    assert harmless(text) == f"'{text}"


def test_our_own_reader_reads_csv(shop_run, tmp_path):
    shop_run.write_recommendations(tmp_path / "lists.csv", [user_id(1), user_id(2)], k=2)
    found = [row["user"] for _, row in read_rows(tmp_path / "lists.csv", separator=",")]
    assert found == [user_id(1)] * 2 + [user_id(2)] * 2
    assert shop_run.recommend(tmp_path / "lists.csv", k=1).ids.shape == (4, 1)


@pytest.mark.parametrize("ending", ENDINGS)
def test_numbers_stay_numbers(shop_run, tmp_path, ending):
    listing = for_users(shop_run.serving, "all", k=3).first(2)
    numbered = [type(table)(table.kind, np.arange(100, 100 + len(table))) for table in (listing.of, listing.items)]
    parts = {**vars(listing), "of": numbered[0], "items": numbered[1], "titles": None}
    write_lists(Listing(**parts), tmp_path / f"lists{ending}")
    found = rows_of(tmp_path / f"lists{ending}")
    assert [line["user"] for line in found] == [100] * 3 + [101] * 3
    assert list(found[0]) == ["user", "rank", "item", "score"]


def test_where_nothing_is_left_no_line_is_written(shop_run, tmp_path):
    had = shop_run.serving.known["train"].entries(torch.tensor([0]))[1].tolist()
    for ending in ENDINGS:
        path = tmp_path / f"lists{ending}"
        written = shop_run.write_recommendations(path, user_id(0), allow=[item_id(row) for row in had])
        assert (written.lists, written.lines) == (1, 0)
        assert rows_of(path) == []


@pytest.mark.parametrize("ending", ENDINGS)
def test_many_lists_go_through_little_by_little(shop_run, tmp_path, ending, monkeypatch):
    monkeypatch.setattr(list_files, "_GROUP", 1000)
    serving = shop_run.serving
    listing = for_items(serving, [item_id(row % NUM_ITEMS) for row in range(600)], k=5)
    done = []
    written = write_lists(listing, tmp_path / f"lists{ending}", on_lists=done.append)
    assert done == [256, 256, 88]
    found = rows_of(tmp_path / f"lists{ending}")
    assert len(found) == written.lines == 3000
    whole = listing.collect()
    assert [line["similar"] for line in found] == [
        harmless(item) if ending == ".csv" else item for item in whole.ids.flatten()
    ]
    assert all(math.isfinite(line["score"]) for line in found)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_is_there_whole_or_as_it_was(shop_run, tmp_path, ending):
    path = tmp_path / f"lists{ending}"
    path.write_text("yesterday's")

    def stop(count):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_lists(for_users(shop_run.serving, "all"), path, on_lists=stop)
    assert path.read_text() == "yesterday's"
    assert [path.name for path in tmp_path.iterdir()] == [path.name]


def test_a_place_that_cannot_be_written(shop_run, tmp_path):
    (tmp_path / "file").touch()
    for ending in ENDINGS:
        path = tmp_path / "file" / f"lists{ending}"
        with pytest.raises(OSError, match=re.escape(f"could not write {path} (File exists)")):
            shop_run.write_recommendations(path)


def test_what_duckdb_cannot_do_is_an_error_of_the_file(shop_run, tmp_path, monkeypatch):
    monkeypatch.setattr(list_files, "_MEMORY", "1MB")
    with pytest.raises(OSError, match=r"could not write .*lists.parquet \(DuckDB: "):
        shop_run.write_recommendations(tmp_path / "lists.parquet", k=NUM_ITEMS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["lists", "lists.txt", "lists.xlsx", "lists.csv.gz"])
def test_another_ending(shop_run, tmp_path, name):
    with pytest.raises(ValueError, match=r"must end with \.parquet, \.csv, \.jsonl"):
        shop_run.write_recommendations(tmp_path / name)


def test_parquet_without_duckdb_names_the_extra(shop_run, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(ModuleNotFoundError, match=r'duckdb is not installed: pip install -e "\.\[prepare\]"'):
        shop_run.write_recommendations(tmp_path / "lists.parquet")
