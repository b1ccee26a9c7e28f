"""Text files: UTF-8, or the name of what they are instead."""

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

_HEAD_BYTES = 4096
_PACKED = {
    b"\x1f\x8b": ("gzip", "gzip -d"),
    b"PK\x03\x04": ("zip", "unzip"),
    b"BZh": ("bzip2", "bzip2 -d"),
    b"\xfd7zXZ\x00": ("xz", "xz -d"),
    b"\x28\xb5\x2f\xfd": ("zstd", "zstd -d"),
}
_MARKS = {  # UTF-32 first: its mark begins with that of UTF-16
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


def check_text(path: Path) -> None:
    """Looks at the first bytes of a file that is to be read as UTF-8.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is no file, is compressed, is in another encoding or holds no text; states what to do.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "tiny.inter"
        >>> _ = path.write_text("userID", encoding="utf-16")
        >>> check_text(path)
        Traceback (most recent call last):
            ...
        ValueError: ...tiny.inter: is UTF-16 text, must be UTF-8. Convert it: iconv -f UTF-16 -t UTF-8 tiny.inter ...
    """
    if path.exists() and not path.is_file():
        raise ValueError(f"{path}: must be a text file, found a folder or a device")
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    for magic, (name, command) in _PACKED.items():
        if head.startswith(magic):
            raise ValueError(f"{path}: is compressed ({name}), must be plain text. Unpack it: {command} {path.name}")
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            raise ValueError(f"{path}: is {encoding} text, must be UTF-8. {_convert(path, encoding)}")
    if b"\0" in head:
        raise ValueError(
            f"{path}: holds NUL bytes, so it is no UTF-8 text. If it is UTF-16 without a byte order mark: "
            f"{_convert(path, 'UTF-16LE')}"
        )


@contextmanager
def open_text(path: Path, *, newline: str | None = None) -> Iterator[TextIO]:
    """Opens a UTF-8 file, with or without a byte order mark, after :func:`check_text`.

    Args:
        path: the file.
        newline: as in ``open``.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is not UTF-8 text; names the line and what to do.
    """
    check_text(path)
    try:
        with path.open(encoding="utf-8-sig", newline=newline) as file:
            yield file
    except UnicodeDecodeError as error:
        raise not_utf8(path) from error


def not_utf8(path: Path) -> ValueError:
    """The error of a file with a byte that UTF-8 does not know: the line and what to do."""
    number, byte = _first_bad_byte(path)
    return ValueError(
        f"{path}:{number}: is not UTF-8 text (byte 0x{byte:02x}); it is Latin-1 or the like. "
        f"{_convert(path, 'WINDOWS-1252')}"
    )


def _first_bad_byte(path: Path) -> tuple[int, int]:
    number = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                return number, line[error.start]
    return number, 0  # pragma: no cover - the file has changed in the meantime


def _convert(path: Path, encoding: str) -> str:
    return f"Convert it: iconv -f {encoding} -t UTF-8 {path.name} > utf8.txt && mv utf8.txt {path.name}"
