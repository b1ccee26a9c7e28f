"""Which files of a folder are a data set, and which look as if they were meant to be."""

import re
import warnings
from collections.abc import Sequence
from pathlib import Path

from mmgraph.datasets.features import MASK_SUFFIX, SUFFIX, find_modalities

_ARRAYS = (".npy", ".npz", ".pt", ".pth", ".pkl", ".pickle")
_SENSES = "image|img|visual|vision|video|text|txt|textual|title|audio|acoustic|speech|feat|feats|feature|features"
_LOOKS_LIKE_FEATURES = re.compile(rf"(?:^|[_.-])(?:{_SENSES}|emb|embs|embedding|embeddings)(?:$|[_.-])")
_OF_OTHERS = re.compile(r"(?:^|[_.-])(?:adj|graph|dict|mask|mapping|user)(?:$|[_.-])")
_ENDINGS = re.compile(r"[_.-]*(?:feat|feats|feature|features|emb|embs|embedding|embeddings)$")
_LIGHTGCN = (
    """awk 'BEGIN {print "userID\\titemID\\tx_label"} {for (i = 2; i <= NF; i++) print $1 "\\t" $i "\\t" """
    """(FILENAME ~ /test/ ? 2 : 0)}' train.txt test.txt > NAME.inter"""
)


def find_interactions(root: Path, name: str | None, source: str | None) -> Path:
    """Returns the path of ``NAME.inter``.

    Raises:
        FileNotFoundError: it is not there; states what is, and what to do.
        ValueError: there are several, and no name.
    """
    found = sorted(root.glob("*.inter"))
    if name is None and len(found) > 1:
        raise ValueError(f"{root}: several data sets, {[path.stem for path in found]}; choose one with name=")
    path = root / f"{name}.inter" if name is not None else next(iter(found), root / "NAME.inter")
    if path.is_file():
        return path
    if packed := sorted(root.glob(f"{name or '*'}.inter.*")):
        raise FileNotFoundError(f"no {path.name} in {root.absolute()}, but {packed[0].name}: unpack it there")
    if all((root / part).is_file() for part in ("train.txt", "test.txt")):
        raise FileNotFoundError(
            f"no {path.name} in {root.absolute()}, but train.txt and test.txt as LightGCN has them (a user and its "
            f"items a line). In that folder:\n{_LIGHTGCN}\nthen set split=x_label_draw_validation"
        )
    raise FileNotFoundError(
        f"no {path.name} in {root.absolute()}{f' (there is {[p.name for p in found]})' if found else ''}.\n"
        f"Fetch it: {source or 'any data set in the layout of MMRec'}.\n"
        f"Layout: {path.absolute()} (header userID, itemID, optional rating, timestamp, x_label; ids from 0), "
        f"beside it <modality>{SUFFIX} (row i = item i), one a modality.\n"
        "Or point data_root=... (or MMGRAPH_DATA) at the folder that holds the data sets."
    )


def modalities_of(folder: Path, chosen: Sequence[str] | None) -> list[str]:
    """The modalities of a folder that are to be read, in order; and which files look as if they were meant to be some.

    Args:
        folder: the folder.
        chosen: names; ``None`` for all that there are.

    Raises:
        ValueError: one is not there.
    """
    misnamed = misnamed_features(folder)
    try:
        names = find_modalities(folder, chosen)
    except ValueError as error:
        raise ValueError("; ".join([str(error), *misnamed])) from error
    if chosen is None and misnamed:
        warnings.warn(f"{folder}: {'; '.join(misnamed)}", stacklevel=3)
    return names


def misnamed_features(folder: Path) -> list[str]:
    """Says of each file that looks like features, but is not named so, what it would have to be.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> (folder / "text_features.npy").touch(), (folder / "user_graph_dict.npy").touch()
        (None, None)
        >>> misnamed_features(folder)
        ['text_features.npy is not read; rename it to text_feat.npy if it holds a row an item']
    """
    paths = (path for path in sorted(folder.iterdir()) if path.suffix.lower() in _ARRAYS and path.is_file())
    return [_advice(path) for path in paths if _is_misnamed(path)]


def _is_misnamed(path: Path) -> bool:
    if path.name.endswith((SUFFIX, MASK_SUFFIX)):
        return False
    stem = path.stem.lower()
    return bool(_LOOKS_LIKE_FEATURES.search(stem)) and not _OF_OTHERS.search(stem)


def _advice(path: Path) -> str:
    wanted = f"{_ENDINGS.sub('', path.stem) or 'text'}{SUFFIX}"
    if path.suffix == ".npy":
        return f"{path.name} is not read; rename it to {wanted} if it holds a row an item"
    return f"{path.name} is not read; write its array with numpy.save('{wanted}', array), a row an item"
