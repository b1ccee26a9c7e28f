"""Text as DuckDB reads it surely: UTF-8, not compressed, one kind of line end. What is otherwise is copied so."""

import codecs
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mmgraph.prepare.engine import Engine, literal
from mmgraph.prepare.sources.lines import line_reader

_CHUNK = 2**20
_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class Facts(NamedTuple):
    """What one look through a file shows.

    Attributes:
        size: bytes.
        sha256: of the bytes.
        returns: whether there is a carriage return.
        compression: ``gzip``, ``zstd`` or None, by the first bytes: a name may say nothing, or the wrong thing.
        head: the first four bytes.
    """

    size: int
    sha256: str
    returns: bool
    compression: str | None
    head: bytes


def look_through(path: Path) -> Facts:
    """Reads a file once."""
    digest = hashlib.sha256()
    size = 0
    returns = False
    head = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            head = head or chunk[:4]
            size += len(chunk)
            digest.update(chunk)
            returns = returns or b"\r" in chunk
    compression = next((name for magic, name in _MAGIC.items() if head.startswith(magic)), None)
    return Facts(size, digest.hexdigest(), returns, compression, head)


def plain_text(path: Path, facts: Facts, copy: Path, *, engine: Engine, encoding: str | None) -> Path:
    """The file itself where it is plain, else a copy that is; lines have the same numbers in both.

    Args:
        path: the file.
        facts: what :func:`look_through` found.
        copy: where a copy goes.
        engine: unpacks zstd, which Python does not before 3.14.
        encoding: of the text; ``None`` for UTF-8.

    Raises:
        ValueError: the text is not in this encoding, or in UTF-16 and nobody said so.
    """
    if facts.compression == "zstd":
        if encoding is not None:
            raise ValueError(f"{path}: is packed by zstd, and encoding={encoding}; unpack it: zstd -d {path.name}")
        lines = line_reader(path, compression="zstd", strict=False)  # line ends of any kind, even mixed
        engine.run(f"""
            COPY (SELECT line FROM {lines}) TO {literal(str(copy))}
            (FORMAT csv, HEADER false, DELIMITER '\x01', QUOTE '', ESCAPE '')
        """)
        return copy
    if encoding is not None:
        _check_name(encoding)
    try:
        with _opened(path, facts.compression) as file:
            _check_mark(path, file.read(4), encoding)
        if facts.compression is None and encoding is None and not facts.returns:
            return path
        with _opened(path, facts.compression) as file, copy.open("wb") as out:
            for text in _translated(path, file, encoding):
                out.write(text)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path}: is cut off or damaged: {error}; get the file again") from error
    return copy


def _check_name(encoding: str) -> None:
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise ValueError(
            f"encoding={encoding}: Python knows none of this name; such as latin-1, cp1252, utf-16"
        ) from None


def _opened(path: Path, compression: str | None) -> gzip.GzipFile | io.BufferedReader:
    return gzip.GzipFile(path) if compression == "gzip" else path.open("rb")


def _check_mark(path: Path, head: bytes, encoding: str | None) -> None:
    for mark, name in _MARKS.items():
        if encoding is None and head.startswith(mark):
            raise ValueError(f"{path}: is {name.upper()} text; set encoding={name}")


def _translated(path: Path, file: gzip.GzipFile | io.BufferedReader, encoding: str | None) -> Iterator[bytes]:
    """Yields UTF-8 with line feeds alone; bytes of what should be UTF-8 pass as they are, to be judged line by line."""
    within, without = ("latin-1", "latin-1") if encoding is None else (encoding, "utf-8")
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(within)(), translate=True)
    line = 1
    chunk = b"-"
    while chunk:
        chunk = file.read(_CHUNK)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            line += error.object[: error.start].count(b"\n")
            raise ValueError(
                f"{path}: is no {encoding} text (byte 0x{error.object[error.start]:02x}, about line {line}); set "
                "encoding to what it is"
            ) from error
        line += text.count("\n")
        yield text.removeprefix("\ufeff").encode(without)
