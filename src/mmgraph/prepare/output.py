"""The files of a prepared folder."""

import csv
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from mmgraph.files import atomic_write
from mmgraph.prepare.engine import Engine, identifier, literal
from mmgraph.prepare.layout import ITEMS, NUMBERS, ORIGINAL, USERS
from mmgraph.prepare.splits import PARTS

_BLOCK = 2**20
_AWKWARD = '[\t\n\r]|^"|"$'


def write_interactions(engine: Engine, path: Path, *, weights: bool) -> None:
    """Makes ``final``, numbered from 0 and sorted by user and item, and writes it.

    Args:
        engine: holds ``pairs``, ``users`` and ``items``.
        path: ``NAME.inter``.
        weights: write them.
    """
    engine.run("""
        CREATE TABLE final AS
        SELECT users.number AS user, items.number AS item, rating, micros, weight, label
        FROM pairs JOIN users ON users.code = u JOIN items ON items.code = i
        ORDER BY user, item
    """)
    columns = ["user AS userID", "item AS itemID"]
    rated, timed = engine.rows("SELECT count(rating), count(micros) FROM final")[0]
    columns += ["rating"] if rated else []
    columns += [f"{_seconds(engine)} AS timestamp"] if timed else []
    whole = engine.value("SELECT count(*) FROM final WHERE weight <> floor(weight)") == 0
    columns += [f"CAST(weight AS {'BIGINT' if whole else 'DOUBLE'}) AS weight"] if weights else []
    columns += ["label AS x_label"]
    engine.run(f"""
        COPY (SELECT {", ".join(columns)} FROM final ORDER BY user, item) TO {literal(str(path))}
        (FORMAT csv, HEADER true, DELIMITER '\t', QUOTE '', ESCAPE '')
    """)


def _seconds(engine: Engine) -> str:
    """Seconds since 1970, with decimals only where there are some."""
    if engine.value("SELECT count(*) FROM final WHERE micros % 1000000 <> 0"):
        return "CAST(CAST(micros AS DECIMAL(28, 0)) / 1000000 AS DECIMAL(28, 6))"
    return "micros // 1000000"


def write_ids(engine: Engine, folder: Path, columns: Sequence[str]) -> None:
    """Writes ``users.tsv`` and ``items.tsv``: number, original id, and what else a table says of the items."""
    users = "SELECT number, id FROM users ORDER BY number"
    _write_table(engine, folder / USERS, [NUMBERS["user"], ORIGINAL], users)
    more = "".join(f", coalesce(item_rows.{identifier(name)}, '')" for name in columns)
    join = "LEFT JOIN item_rows ON item_rows.id = items.id" if columns else ""
    rows = f"SELECT items.number, items.id{more} FROM items {join} ORDER BY items.number"
    _write_table(engine, folder / ITEMS, [NUMBERS["item"], ORIGINAL, *columns], rows)


def _write_table(engine: Engine, path: Path, header: Sequence[str], sql: str) -> None:
    """Fields stand in quotes where one needs them, and then all: the header says so to who reads."""
    texts = [identifier(name) for name in header[1:]]
    names = ", ".join([identifier(header[0]), *texts])
    test = " OR ".join(f"regexp_matches({name}, {literal(_AWKWARD)})" for name in texts)
    quoted = engine.value(f"SELECT count(*) FROM ({sql}) AS t({names}) WHERE {test}") > 0
    quoted = quoted or any(mark in name for name in header for mark in '\t\n\r"')
    with atomic_write(path) as file:
        if not quoted:
            file.write("\t".join(header) + "\n")
            file.writelines("\t".join(map(str, row)) + "\n" for row in engine.stream(sql))
            return
        writer = csv.writer(file, delimiter="\t", quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(engine.stream(sql))


def hash_split(engine: Engine) -> str:
    """The SHA-256 that a data set of the folder has as its ``split_hash``."""
    digest = hashlib.sha256()
    counts = dict(engine.rows("SELECT label, count(*) FROM final GROUP BY label"))
    for label, part in enumerate(PARTS):
        digest.update(f"{part} {counts[label]}\n".encode())
        for block in _blocks(engine, label):
            digest.update(block.astype("<i8").tobytes())
    return digest.hexdigest()


def _blocks(engine: Engine, label: int) -> Iterable[np.ndarray]:
    """Pairs of a part, sorted, some users at a time."""
    users, rows = engine.rows("SELECT max(user) + 1, count(*) FROM final")[0]
    step = max(1, users * _BLOCK // rows)
    for start in range(0, users, step):
        found = engine.arrays(
            f"SELECT user, item FROM final WHERE label = {label} AND user >= {start} AND user < {start + step} "
            "ORDER BY user, item"
        )
        yield np.stack([found["user"], found["item"]], axis=1)
