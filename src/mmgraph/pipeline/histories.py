"""Lists for whoever chose some items, by the items' ids."""

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from mmgraph.evaluation.pairs import PairSet
from mmgraph.extension import Histories
from mmgraph.pipeline.serving import IdTable, Serving


def serve_histories(serving: Serving, histories: Histories, given: Any) -> Serving:
    """What serves users of whom only histories are known, who have the ids 0, 1, ...

    Args:
        serving: what there is of the run.
        histories: encodes them.
        given: the ids of the items that each chose.

    Raises:
        ValueError: if these are no lists of ids, or an id is not there.
    """
    pairs = torch.cat([torch.empty(2, 0, dtype=torch.long), *_rows(serving, given)], dim=1).unique(dim=1)
    size = {"num_users": len(given), "num_items": len(serving.items)}
    chosen = PairSet.of([pairs], **size)
    return replace(
        serving,
        encoding=histories.encode(pairs, len(given)),
        users=IdTable("history", np.arange(len(given))),
        known={"train": chosen},
    )


def _rows(serving: Serving, given: Any) -> list[torch.Tensor]:
    if isinstance(given, str | bytes) or not hasattr(given, "__len__") or not len(given):
        raise ValueError(f"histories must be lists of items' ids, such as [[3, 14], [15]]; got {given!r:.80}")
    found = []
    for number, history in enumerate(given):
        if isinstance(history, str | bytes) or not hasattr(history, "__len__"):
            raise ValueError(f"histories[{number}] must be a list of items' ids, such as [3, 14]; got {history!r:.80}")
        if len(history):
            rows = serving.items.rows(history, name=f"histories[{number}]")
            found.append(torch.stack([torch.full_like(rows, number), rows]))
    return found
