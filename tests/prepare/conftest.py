"""Raw files in a folder of the test's own, and what became of them in original ids."""

import csv
import json
from pathlib import Path

import pytest

from mmgraph.prepare.api import prepare_folder

pytest.importorskip("duckdb", reason="raw files are read by DuckDB (the extra prepare)")


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        head = file.readline()
        file.seek(0)
        quoting = csv.QUOTE_MINIMAL if head.startswith('"') else csv.QUOTE_NONE
        return list(csv.DictReader(file, delimiter="\t", quoting=quoting))


class Made:
    """A prepared folder.

    Args:
        folder: where it lies.
    """

    def __init__(self, folder):
        self.folder = folder
        self.users = [row["original_id"] for row in table(folder / "users.tsv")]
        self.items = table(folder / "items.tsv")
        self.rows = table(folder / f"{folder.name}.inter")
        self.record = json.loads((folder / "dataset.json").read_text())

    @property
    def pairs(self):
        ids = [row["original_id"] for row in self.items]
        return [(self.users[int(row["userID"])], ids[int(row["itemID"])]) for row in self.rows]

    @property
    def labels(self):
        return {pair: int(row["x_label"]) for pair, row in zip(self.pairs, self.rows, strict=True)}

    @property
    def notes(self):
        return "\n".join(self.record["notes"])


@pytest.fixture
def prepare(tmp_path):
    """Writes files by name and prepares the first, or what ``interactions`` or ``train`` names."""

    def run(files=None, *, out="made", **words):
        for name, content in (files or {}).items():
            data = content if isinstance(content, bytes) else content.encode()
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(data)
        if "interactions" not in words and "train" not in words:
            words["interactions"] = next(iter(files))
        for word in ("interactions", "train", "val", "test", "items", "bad_rows"):
            if isinstance(words.get(word), str | Path):
                words[word] = tmp_path / words[word]
        return Made(prepare_folder(out=tmp_path / out, **{"verbose": False, "threads": 2, **words}))

    return run


def lines(pairs, *, header="user,item", separator=","):
    """A table of text."""
    return "".join(f"{line}\n" for line in [header, *(separator.join(map(str, pair)) for pair in pairs)])


# Five users with four of six items each: enough for a split with all parts.
PAIRS = [(f"u{u}", f"i{(u + k) % 6}") for u in range(5) for k in range(4)]
