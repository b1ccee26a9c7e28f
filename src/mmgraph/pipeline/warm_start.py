"""The weights of an earlier run as the beginning of a new one, on data with other users and items."""

import json
from pathlib import Path
from typing import Any

import torch
from omegaconf import DictConfig
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.extension import FoldIn, NewNodes
from mmgraph.extension.tables import find_tables, inferred_rows
from mmgraph.files import atomic_write
from mmgraph.models import item_features
from mmgraph.nn import FeatureTables, check_in_memory
from mmgraph.pipeline.parts import Parts
from mmgraph.pipeline.run_folder import list_changes, open_config, read_identity
from mmgraph.pipeline.serving import IdTable, Serving, open_kept
from mmgraph.pipeline.serving.content import ids_of
from mmgraph.reading import hash_file
from mmgraph.training import CHECKPOINT, generators_kept, read_checkpoint
from mmgraph.training.checkpoint import load_weights
from mmgraph.typing import INTERACTS, Sides

RECORD = "warm_start.json"


def start_warm(cfg: DictConfig, parts: Parts, run_dir: Path) -> None:
    """Gives the model the best weights of the run that ``warm_start`` names, and notes it in ``warm_start.json``.

    Rows of tables go to the users and items of the same original ids. A new user or item gets the row that is inferred
    from old ones (:mod:`mmgraph.extension`); one of which nothing is known keeps the row that was drawn.

    Args:
        cfg: the new run's configuration.
        parts: what was built of it; the model's weights are changed.
        run_dir: the new run's folder.

    Raises:
        FileNotFoundError: if there is no such run, or it has no weights.
        ValueError: if it is of another model, or damaged; says how.
    """
    check_in_memory(parts.graph, "warm_start")
    source = Path(cfg.warm_start)
    weights = _best_weights(source, cfg)
    kept = open_kept(source, read_identity(source))
    if kept is None:
        raise ValueError(
            f"warm_start={source}: the folder does not say whose rows its tables have (there is no serving/ in it, as "
            "in runs of earlier versions): train without warm_start once"
        )
    with generators_kept():
        tables = find_tables(parts.model, parts.graph, training=True)
    move = _Move(kept, parts)
    for name, side in tables.items():
        if name in weights:
            weights[name] = move.table(parts, name, weights[name], side)
    load_weights(source / CHECKPOINT, weights, parts.model)
    record = {"run": str(source), "checkpoint": hash_file(source / CHECKPOINT), **move.counts}
    with atomic_write(run_dir / RECORD) as file:
        json.dump(record, file, indent=1)


def read_record(run_dir: Path) -> dict[str, Any] | None:
    """What :func:`start_warm` noted; ``None`` where the run began with weights of its own."""
    path = run_dir / RECORD
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def _best_weights(source: Path, cfg: DictConfig) -> dict[str, Tensor]:
    before = open_config(source)
    changes = list_changes(
        DictConfig({"model_name": before.model_name, "model": before.model}),
        DictConfig({"model_name": cfg.model_name, "model": cfg.model}),
    )
    if changes:
        raise ValueError(f"warm_start={source} is a run of another model ({changes}): its weights mean something else")
    if not (source / CHECKPOINT).exists():
        raise FileNotFoundError(f"warm_start={source} holds no {CHECKPOINT}: {cfg.model_name} left no weights there")
    weights: dict[str, Tensor] = read_checkpoint(source / CHECKPOINT)["state"]["best_weights"]
    return weights


class _Move:
    """From the rows of an old run to those of a new one."""

    def __init__(self, kept: Serving, parts: Parts) -> None:
        self.rows = {side: _old_rows(table, ids_of(parts.dataset, side)) for side, table in _tables_of(kept).items()}
        self.counts = {f"{side}s_known": int((rows >= 0).sum()) for side, rows in self.rows.items()}
        for side, table in _tables_of(kept).items():
            if not self.counts[f"{side}s_known"]:
                raise ValueError(f"warm_start: no {side} of these data is one of the run's {len(table):,}: other ids?")
        edges = parts.graph[INTERACTS].edge_index.cpu()
        numbers = {side: _numbers(rows, len(_tables_of(kept)[side])) for side, rows in self.rows.items()}
        ends = torch.stack([numbers[side][row] for side, row in zip(("user", "item"), edges, strict=True)])
        is_new = (self.rows["user"][edges[0]] < 0) | (self.rows["item"][edges[1]] < 0)
        new_items = self.rows["item"] < 0
        features = {name: x.cpu() for name, x in item_features(parts.graph).items()}
        store = dict(parts.graph["item"])
        has = {name: store[f"has_{name}"].cpu()[new_items] for name in features if f"has_{name}" in store}
        new = NewNodes(
            num_users=int((self.rows["user"] < 0).sum()),
            num_items=int(new_items.sum()),
            edge_index=ends[:, is_new],
            features={name: x[new_items] for name, x in features.items()},
            has=has,
        )
        self.fold = FoldIn(_old_graph(kept, self.rows["item"], features, store), kept.encoding)
        self.inferred, self.known = self.fold.inferred(new)

    def table(self, parts: Parts, name: str, old: Tensor, side: str) -> Tensor:
        """A table for the new nodes."""
        drawn = parts.model.get_parameter(name).detach().cpu()
        if old.shape[1:] != drawn.shape[1:]:
            return old  # whoever loads it says so
        rows = self.rows[side]
        moved = drawn.clone()
        moved[rows >= 0] = old[rows[rows >= 0]]
        if isinstance(parts.model.get_submodule(name.rpartition(".")[0]), FeatureTables):
            return moved
        vectors: Sides = self.inferred
        found = inferred_rows(old, self.fold.trained[side], getattr(self.fold, side), getattr(vectors, side))
        new = (rows < 0).nonzero().flatten()
        known = self.known if side == "item" else torch.ones_like(new, dtype=torch.bool)
        moved[new[known]] = found[known]
        return moved


def _tables_of(kept: Serving) -> dict[str, IdTable]:
    return {"user": kept.users, "item": kept.items}


def _old_rows(old: IdTable, new: IdTable) -> Tensor:
    """Where each new node stood; -1 where it was not there."""
    place = {str(name): row for row, name in enumerate(old.values)}
    return torch.tensor([place.get(str(name), -1) for name in new.values])


def _numbers(rows: Tensor, num_old: int) -> Tensor:
    """The old row of each node, or one beyond the old ones."""
    new = rows < 0
    return torch.where(new, num_old + new.cumsum(0) - 1, rows)


def _old_graph(kept: Serving, rows: Tensor, features: dict[str, Tensor], store: dict[str, Any]) -> HeteroData:
    """Who chose what when the old run trained, and the features of those of its items that are still there."""
    graph = HeteroData(user={"num_nodes": len(kept.users)}, item={"num_nodes": len(kept.items)})
    graph[INTERACTS].edge_index = kept.known["train"].pairs()
    still = rows[rows >= 0]
    for name, x in features.items():
        has = store[f"has_{name}"].cpu() if f"has_{name}" in store else torch.ones(x.size(0), dtype=torch.bool)
        graph["item"][f"x_{name}"] = x.new_zeros(len(kept.items), x.size(1)).index_copy(0, still, x[rows >= 0])
        known = torch.zeros(len(kept.items), dtype=torch.bool)
        known[still] = has[rows >= 0]
        graph["item"][f"has_{name}"] = known
    return graph
