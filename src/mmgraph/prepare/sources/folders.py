"""What the files of a folder are: parts of one split, tables of one kind, or a data set of another tool."""

from pathlib import Path
from typing import NamedTuple

PACKED = (".gz", ".gzip", ".zst", ".zstd")
READ = (
    ".csv", ".tsv", ".tab", ".txt", ".dat", ".inter", ".item", ".json", ".jsonl", ".ndjson", ".parquet", ".pq", ".npz",
    ".pkl", ".pickle",
)  # fmt: skip
_PARTS = {"train": 0, "trn": 0, "valid": 1, "validation": 1, "val": 1, "test": 2, "tst": 2}


class File(NamedTuple):
    """A file and the part that it is.

    Attributes:
        path: the file.
        label: 0 train, 1 validation, 2 test; None where the file does not say.
    """

    path: Path
    label: int | None = None


def suffix_of(path: Path) -> str:
    """The last part of a name that says what a file holds.

    >>> suffix_of(Path("orders.csv.gz"))
    '.csv'
    """
    name = path.with_suffix("") if path.suffix.lower() in PACKED else path
    return name.suffix.lower()


def files_of(path: Path) -> list[File]:
    """A file, or those of a folder that hold interactions, by name.

    A folder with ``.inter`` files is a data set of MMRec or RecBole, one with ``train`` and ``test`` files a split data
    set (``train.txt``, ``shop.train.inter``, ``trnMat.pkl``); in any other all files are tables of one kind.

    Raises:
        FileNotFoundError: there is none.
    """
    if path.is_file():
        return [File(path)]
    if not path.is_dir():
        raise FileNotFoundError(f"{path}: there is no such file or folder")
    found = sorted(file for file in path.iterdir() if file.is_file() and suffix_of(file) in READ)
    found = [file for file in found if suffix_of(file) == ".inter"] or found
    parts = [File(file, label) for file in found if (label := _label(file)) is not None]
    if {0, 2} <= {part.label for part in parts}:
        return parts
    if not found:
        raise FileNotFoundError(f"{path}: no file in this folder ends in one of {', '.join(READ)}")
    return [File(file) for file in found]


def _label(path: Path) -> int | None:
    """The part that a name states.

    >>> _label(Path("shop.valid.inter")), _label(Path("trnMat.pkl")), _label(Path("orders.csv"))
    (1, 0, None)
    """
    stem = path.name.partition(suffix_of(path))[0].lower()
    last = stem.rpartition(".")[2]
    return next((label for part, label in _PARTS.items() if last in (part, f"{part}mat", f"{part}_mat")), None)
