"""From a run's folder to what is served."""

import logging
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from packaging.version import InvalidVersion, Version

import mmgraph
from mmgraph.extension import Histories
from mmgraph.models.scoring import InnerProduct
from mmgraph.pipeline.result import Run
from mmgraph.pipeline.serving import Serving, histories_of
from mmgraph.serve.features import find_features
from mmgraph.serve.ids import IdLookup
from mmgraph.serve.index import ItemIndex
from mmgraph.serve.items import ItemTable
from mmgraph.serve.rankers import Ranker, ScoreRanker, VectorRanker
from mmgraph.serve.served import ServedRun
from mmgraph.typing import PARTS

log = logging.getLogger("mmgraph.serve")
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
    return ServedRun(
        name=folder.name,
        about={"model": run.report.model, "dataset": run.report.dataset, "seed": run.report.seed}
        | {"created": run.report.created},
        users=IdLookup("user", list(map(str, serving.users.values))),
        items=ItemTable(list(map(str, serving.items.values)), {n: list(t) for n, t in serving.columns.items()}),
        indptr=known.pointer.numpy(),
        indices=known.item.long().numpy(),
        ranker=_ranker(folder, serving, index=index),
        vectors=_vectors(serving),
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


def _ranker(folder: Path, serving: Serving, *, index: str) -> Ranker:
    for name, x in (("users", serving.encoding.user), ("items", serving.encoding.item)):
        if x.layout is torch.strided and not np.isfinite(x.numpy()).all():
            raise ValueError(f"{folder}: its {name}' vectors hold NaN or Inf, so there is nothing to rank by")
    histories = _histories(serving)
    if not isinstance(serving.scorer, InnerProduct) or histories is None:
        return ScoreRanker(serving.scorer, serving.encoding, histories)
    users = serving.encoding.user.numpy()
    items = serving.encoding.item.numpy()
    return VectorRanker(users, items, histories, _index(users, items, index))


def _histories(serving: Serving) -> Histories | None:
    """Ready to encode; None where a history says nothing to the model."""
    try:
        histories = histories_of(serving)
    except ValueError:
        return None
    histories.encode(torch.empty(2, 0, dtype=torch.long), 1)  # fits it
    return histories


def _index(users: np.ndarray, items: np.ndarray, kind: str) -> ItemIndex | None:
    if kind == "exact" or (kind == "auto" and len(items) < LARGE):
        return None
    if kind == "auto" and find_spec("faiss") is None:
        log.warning('%s items are looked at for every list: pip install -e ".[search]" brings an index', len(items))
        return None
    found = ItemIndex(items, users)
    log.info("an index finds %.3f of the true first 20 items, in %d cells", found.recall, found.probes)
    return found


def _vectors(serving: Serving) -> np.ndarray | None:
    """The items' final vectors, if they are some."""
    user, item = serving.encoding[:2]
    return item.float().numpy() if user.layout is torch.strided and item.dim() == 2 and item.size(1) > 1 else None
