"""A :class:`Serving` in the folder of its run: plain arrays, and a file of JSON that describes them."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

import mmgraph
from mmgraph.files import open_new, put_in_place
from mmgraph.models import Recommender
from mmgraph.models.scoring import Scorer
from mmgraph.pipeline.serving import arrays as plain
from mmgraph.pipeline.serving.content import Serving
from mmgraph.pipeline.serving.fusion import KINDS
from mmgraph.pipeline.serving.ids import IdTable
from mmgraph.reading import hash_file, open_array, read_archive
from mmgraph.typing import PARTS, Encoding, Sides

FOLDER = "serving"
_DESCRIPTION = "serving.json"
_TABLES = "tables.npz"
_MAPPED = ("user", "item")
"""Arrays with a file of their own, which processes that serve share where they are large."""
_READ_UP_TO = 2**27
_FORMAT = 1
_MENDED_BY = "delete the folder to rank from the data set, or start a new run"


def keep(serving: Serving, run_dir: Path, identity: Mapping[str, str]) -> None:
    """Writes what recommending needs into the folder of a run: whole, or not at all.

    Nothing is written of a model that has scores of its own making: it is needed itself, with its data.

    Args:
        serving: what there is of the run.
        run_dir: the run's folder.
        identity: hashes of what the run is made of, by name.

    Raises:
        OSError: if it cannot be written.
    """
    target = run_dir / FOLDER
    shutil.rmtree(target, ignore_errors=True)  # of a training that was killed before its report
    if isinstance(serving.scorer, Recommender):
        return
    with put_in_place(target) as folder:
        folder.mkdir()
        arrays: dict[str, Any] = _arrays(serving, serving.scorer)
        for name in [name for name in _MAPPED if name in arrays]:
            with open_new(folder / f"{name}.npy", "wb") as file:
                np.save(file, arrays.pop(name), allow_pickle=False)
        with open_new(folder / _TABLES, "wb") as file:
            np.savez(file, **arrays)
        files = {path.name: hash_file(path) for path in sorted(folder.iterdir())}
        with open_new(folder / _DESCRIPTION) as file:
            json.dump(_description(serving, serving.scorer, identity) | {"files": files}, file, indent=1)


def _arrays(serving: Serving, scorer: Scorer) -> plain.Arrays:
    encoding = serving.encoding
    tensors = {"user": encoding.user, "item": encoding.item}
    tensors |= {f"view.{name}.{side}": x for name, view in _views(encoding).items() for side, x in view.items()}
    tensors |= {f"scorer.{name}": x for name, x in scorer.state().items()}
    found: plain.Arrays = {}
    for name, x in tensors.items():
        found |= plain.of_tensor(name, x.detach())
    for part, pairs in serving.known.items():
        found |= plain.of_pairs(f"known.{part}", pairs)
    for number, texts in enumerate(serving.columns.values()):
        found |= plain.of_texts(f"column.{number}", texts)
    for table in (serving.users, serving.items):
        found |= plain.of_ids(f"{table.kind}_ids", table.values)
    return found


def _description(serving: Serving, scorer: Scorer, identity: Mapping[str, str]) -> dict[str, Any]:
    return {
        "format": _FORMAT,
        "mmgraph": mmgraph.__version__,
        "scorer": scorer.kind,
        "scorer_state": list(scorer.state()),
        "views": {name: list(view) for name, view in _views(serving.encoding).items()},
        "num_users": len(serving.users),
        "num_items": len(serving.items),
        "columns": list(serving.columns),
        "category": serving.category,
        "identity": dict(identity),
    }


def _views(encoding: Encoding) -> dict[str, Mapping[str, Tensor]]:
    """The views by name and side."""
    return {name: view._asdict() if isinstance(view, Sides) else view for name, view in encoding.views.items()}


def open_kept(run_dir: Path, identity: Mapping[str, str]) -> Serving | None:
    """What :func:`keep` wrote; ``None`` where there is nothing, as in runs of earlier versions.

    Large vectors are mapped, not read, once their bytes are compared with what was written.

    Args:
        run_dir: the run's folder.
        identity: hashes of what the run is made of, by name.

    Raises:
        ValueError: if it is damaged, another run's or a later version's.
    """
    folder = run_dir / FOLDER
    if not folder.exists():
        return None
    described = _read_description(folder)
    if identity and described.get("identity") != dict(identity):
        raise ValueError(f"{folder} is of another run than {run_dir}; {_MENDED_BY}")
    try:
        return _restored(described, _read_arrays(folder, described["files"]))
    except MemoryError:
        raise
    except Exception as error:  # a changed file can be wrong in any way
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise ValueError(f"{folder} is damaged ({reason}); {_MENDED_BY}") from error


def _read_description(folder: Path) -> dict[str, Any]:
    path = folder / _DESCRIPTION
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        version = found["format"]
    except (OSError, ValueError, RecursionError, LookupError, TypeError) as error:
        raise ValueError(f"{path} is damaged ({error}); {_MENDED_BY}") from error
    if version != _FORMAT:
        raise ValueError(
            f"{folder} was written by mmgraph {found.get('mmgraph')} in format {version!r:.20}, and this is mmgraph "
            f"{mmgraph.__version__}, which reads format {_FORMAT}: use the later one, or {_MENDED_BY}"
        )
    return dict(found)


def _read_arrays(folder: Path, files: Mapping[str, str]) -> plain.Arrays:
    """Reads all but vectors beyond memory's ease: these are mapped, privately (what is written to them stays here).

    A file that somebody writes over while it is mapped ends the process, without a word.
    """
    for name, digest in files.items():
        if hash_file(folder / Path(name).name) != digest:
            raise ValueError(f"{name} is not what was written")
    found = read_archive(folder / _TABLES)
    for name in _MAPPED:
        path = folder / f"{name}.npy"
        if path.name in files:
            is_large = open_array(path).nbytes > _READ_UP_TO
            found[name] = np.load(path, mmap_mode="c" if is_large else None, allow_pickle=False)
    return found


def _restored(described: Mapping[str, Any], arrays: plain.Arrays) -> Serving:
    sizes = {"num_users": described["num_users"], "num_items": described["num_items"]}
    views = {
        name: {side: plain.to_tensor(f"view.{name}.{side}", arrays) for side in sides}
        for name, sides in described["views"].items()
    }
    user, item = (plain.to_tensor(name, arrays) for name in ("user", "item"))
    tables = [IdTable(kind, plain.to_ids(f"{kind}_ids", arrays)) for kind in ("user", "item")]
    if [len(user), len(item)] != list(sizes.values()) or [len(table) for table in tables] != list(sizes.values()):
        raise ValueError("its arrays differ in the number of users or items")
    state = {name: plain.to_tensor(f"scorer.{name}", arrays) for name in described["scorer_state"]}
    return Serving(
        encoding=Encoding(user, item, views),
        scorer=KINDS[described["scorer"]].of(state),
        users=tables[0],
        items=tables[1],
        known={part: plain.to_pairs(f"known.{part}", arrays, **sizes) for part in PARTS},
        columns={name: plain.to_texts(f"column.{number}", arrays) for number, name in enumerate(described["columns"])},
        category=described["category"],
    )
