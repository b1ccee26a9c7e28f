"""From a run's folder to what is served."""

from pathlib import Path

import numpy as np
import torch
from packaging.version import InvalidVersion, Version

import mmgraph
from mmgraph.models.scoring import InnerProduct
from mmgraph.pipeline.result import Run
from mmgraph.pipeline.serving import Serving
from mmgraph.serve.features import find_features
from mmgraph.serve.ids import IdLookup
from mmgraph.serve.index import ItemIndex
from mmgraph.serve.items import ItemTable
from mmgraph.serve.rankers import Ranker, ScoreRanker, VectorRanker, fitted_scale
from mmgraph.serve.served import ServedRun
from mmgraph.typing import PARTS

LARGE = 200_000
"""Items from which on an index is worth while: to look at all of them takes 5 ms."""


def open_run(folder: Path, *, index: str = "auto", data_root: str | Path | None = None) -> ServedRun:
    """Loads what is served of a run.

    Args:
        folder: the run's folder.
        index: as in :class:`~mmgraph.serve.Settings`.
        data_root: where the data sets lie now, if not where they were.

    Raises:
        FileNotFoundError: if there is no finished run.
        ValueError: if it is damaged, of a newer version of mmgraph, or its vectors are not finite.
        ModuleNotFoundError: if an index is needed and faiss is not there (the extra ``search``).
    """
    run = Run(folder, data_root=data_root)
    _check_version(folder, run.report.versions.get("mmgraph", "0"))
    serving = run.serving.to(torch.device("cpu"))
    known = serving.known_in(list(PARTS))
    indptr = known.pointer.numpy()
    indices = (known.key % known.num_items).numpy()
    vectors = _vectors(serving)
    return ServedRun(
        name=folder.name,
        about={"model": run.report.model, "dataset": run.report.dataset, "seed": run.report.seed}
        | {"created": run.report.created},
        users=IdLookup("user", list(map(str, serving.users.values))),
        items=ItemTable(list(map(str, serving.items.values)), {n: list(t) for n, t in serving.columns.items()}),
        indptr=indptr,
        indices=indices,
        ranker=_ranker(folder, serving, indptr, indices, index=index),
        vectors=vectors,
        features=find_features(run.config.dataset, num_items=len(serving.items)),
    )


def _check_version(folder: Path, written_by: str) -> None:
    try:
        is_newer = Version(written_by) > Version(mmgraph.__version__)
    except InvalidVersion:
        is_newer = True
    if is_newer:
        raise ValueError(
            f"{folder} was written by mmgraph {written_by}, and this is mmgraph {mmgraph.__version__}: serve it with "
            "that version or a later one"
        )


def _ranker(folder: Path, serving: Serving, indptr: np.ndarray, indices: np.ndarray, *, index: str) -> Ranker:
    if not isinstance(serving.scorer, InnerProduct):
        return ScoreRanker(serving)
    users = serving.encoding.user.numpy()
    items = serving.encoding.item.numpy()
    for name, x in (("users", users), ("items", items)):
        if not np.isfinite(x).all():
            raise ValueError(f"{folder}: its {name}' vectors hold NaN or Inf, so there is nothing to rank by")
    is_approximate = index == "approximate" or (index == "auto" and len(items) >= LARGE)
    found = ItemIndex(items, users) if is_approximate else None
    return VectorRanker(users, items, scale=fitted_scale(users, items, indptr, indices), index=found)


def _vectors(serving: Serving) -> np.ndarray | None:
    """The items' final vectors, if they are some."""
    x = serving.encoding.item
    return x.float().numpy() if x.layout is torch.strided and x.dim() == 2 and x.size(1) > 1 else None
