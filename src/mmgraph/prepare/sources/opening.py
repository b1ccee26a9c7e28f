"""From paths to tables: which files there are, what each is, and how it is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmgraph.prepare.engine import Engine
from mmgraph.prepare.sources.delimited import delimited
from mmgraph.prepare.sources.dialect import find_dialect
from mmgraph.prepare.sources.plain import look_through, plain_text
from mmgraph.prepare.sources.source import Source

_PACKED = (".gz", ".gzip", ".zst", ".zstd")
DELIMITED = (".csv", ".tsv", ".tab", ".txt", ".dat", ".inter", ".item")
_READ = DELIMITED


@dataclass(frozen=True)
class Reading:
    """How files are read, where they do not show it themselves.

    Attributes:
        encoding: of text; ``None`` for UTF-8.
        separator: between fields; ``None`` for the one that the first line has most of.
        quote: around fields; empty for none.
        header: names of the columns where files have no line of them.
    """

    encoding: str | None = None
    separator: str | None = None
    quote: str = '"'
    header: Sequence[str] | None = None


def suffix_of(path: Path) -> str:
    """The last part of a name that says what a file holds.

    >>> suffix_of(Path("orders.csv.gz"))
    '.csv'
    """
    name = path.with_suffix("") if path.suffix.lower() in _PACKED else path
    return name.suffix.lower()


def files_of(path: Path) -> list[Path]:
    """A file, or those of a folder that can be read, by name.

    Raises:
        FileNotFoundError: there is none.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise FileNotFoundError(f"{path}: there is no such file or folder")
    found = sorted(file for file in path.iterdir() if file.is_file() and suffix_of(file) in _READ)
    if not found:
        raise FileNotFoundError(f"{path}: no file in this folder ends in one of {', '.join(_READ)}")
    return found


def open_file(path: Path, reading: Reading, *, engine: Engine, scratch: Path) -> Source:
    """Opens one file.

    Args:
        path: the file.
        reading: how.
        engine: what is going to read it.
        scratch: folder for copies.

    Raises:
        ValueError: it is nothing that can be read; names what it is.
    """
    facts = look_through(path)
    file: dict[str, str | int] = {"name": path.name, "bytes": facts.size, "sha256": facts.sha256}
    copy = scratch / f"{len(list(scratch.iterdir()))}.txt"
    plain = plain_text(path, facts, copy, engine=engine, encoding=reading.encoding)
    dialect = find_dialect(plain, separator=reading.separator, quote=reading.quote)
    return delimited(plain, dialect, name=str(path), header=reading.header, file=file)
