"""From a file to a table: what it is, and how it is read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mmgraph.prepare.engine import Engine
from mmgraph.prepare.sources.columnar import parquet
from mmgraph.prepare.sources.delimited import delimited
from mmgraph.prepare.sources.dialect import find_dialect
from mmgraph.prepare.sources.folders import File, suffix_of
from mmgraph.prepare.sources.lines import is_lightgcn, json_lines, lightgcn
from mmgraph.prepare.sources.matrix import PICKLED, matrix, refuse_pickle
from mmgraph.prepare.sources.plain import Facts, look_through, plain_text
from mmgraph.prepare.sources.source import Source

_JSON = (".json", ".jsonl", ".ndjson")


@dataclass(frozen=True)
class Reading:
    """How files are read, where they do not show it themselves.

    Attributes:
        encoding: of text; ``None`` for UTF-8.
        separator: between fields; ``None`` for the one that the first line has most of.
        quote: around fields; empty for none.
        header: names of the columns where files have no line of them.
        movielens: names of the columns of MovieLens' files, which have none.
    """

    encoding: str | None = None
    separator: str | None = None
    quote: str = '"'
    header: Sequence[str] | None = None
    movielens: Sequence[str] = ("user", "item", "rating", "timestamp")


def open_file(given: File, reading: Reading, *, engine: Engine, scratch: Path) -> Source:
    """Opens one file.

    Args:
        given: the file.
        reading: how.
        engine: what is going to read it.
        scratch: folder for copies.

    Raises:
        ValueError: it is nothing that can be read; names what it is.
    """
    facts = look_through(given.path)
    source = _table(given.path, facts, engine) or _text(given.path, facts, reading, engine, scratch)
    file: dict[str, str | int] = {"name": given.path.name, "bytes": facts.size, "sha256": facts.sha256}
    return replace(source, name=str(given.path), file=file, label=given.label)


def _table(path: Path, facts: Facts, engine: Engine) -> Source | None:
    """What is no text."""
    if facts.head.startswith(PICKLED) or suffix_of(path) in (".pkl", ".pickle"):
        refuse_pickle(path)
    if facts.head == b"PAR1":
        return parquet(path, engine)
    if facts.head == b"PK\x03\x04" and suffix_of(path) == ".npz":
        return matrix(path, engine)
    if facts.head == b"PK\x03\x04":
        raise ValueError(f"{path}: is a zip archive; unpack it: unzip {path.name}")
    return None


def _text(path: Path, facts: Facts, reading: Reading, engine: Engine, scratch: Path) -> Source:
    copy = scratch / f"{len(list(scratch.iterdir()))}.txt"
    plain = plain_text(path, facts, copy, engine=engine, encoding=reading.encoding)
    if suffix_of(path) in _JSON:
        return json_lines(plain, name=str(path))
    if suffix_of(path) == ".txt" and reading.separator is None and is_lightgcn(plain):
        return lightgcn(plain)
    dialect = find_dialect(plain, separator=reading.separator, quote=reading.quote)
    header = reading.header or (reading.movielens if dialect.separator == "::" else None)
    return delimited(plain, dialect, name=str(path), header=header)
