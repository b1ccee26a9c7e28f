"""What came of a run: figures, the model, recommendations; in a notebook, a table and a curve."""

import os
import shutil
import uuid
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from omegaconf import DictConfig
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.datasets.base import InteractionDataset
from mmgraph.models import Recommender
from mmgraph.nn import find_sorted
from mmgraph.pipeline.html import run_html
from mmgraph.pipeline.moved_data import move_data
from mmgraph.pipeline.own_folder import OwnFolder
from mmgraph.pipeline.parts import Parts
from mmgraph.pipeline.recommend import Ids, Recommendations, as_index, best_items, encode, similar_items
from mmgraph.pipeline.repeatable import repeatable
from mmgraph.pipeline.report import RunReport, load_report, summary_line
from mmgraph.pipeline.run import restore
from mmgraph.pipeline.run_folder import REPORT, as_folder, open_config
from mmgraph.typing import INTERACTS, PARTS, Encoding


class Run:
    """A finished run: just trained, or opened from its folder; then the model is built when it is asked for first.

    ``run.test["recall@20"]``, ``run.val``, ``run.history[-1]``, ``run.model``, ``run.report``; users and items are
    named by their ids in the files (by row, where the data set was not re-indexed).

    Args:
        run_dir: the run's folder.
        dataset: the data that it was trained on, if they are at hand.
        data_root: where the data sets lie now, if not where they were.
        own: what keeps a temporary folder in being.
        parts: what was trained just now, the model with its best weights; by default it is restored when it is used.

    Raises:
        FileNotFoundError: if there is no finished run.
        ValueError: if a file of it is damaged.
    """

    def __init__(
        self,
        run_dir: Path,
        *,
        dataset: InteractionDataset | None = None,
        data_root: str | Path | None = None,
        own: OwnFolder | None = None,
        parts: Parts | None = None,
    ) -> None:
        self._own = own
        self.folder = run_dir
        words = [] if data_root is None else [f"data_root={data_root}"]
        self.config: DictConfig = move_data(open_config(run_dir), words)
        self.report: RunReport = load_report(run_dir / REPORT)
        self._dataset = dataset
        if parts is not None:
            self._parts = parts

    @property
    def val(self) -> dict[str, float]:
        """Validation metrics of the best weights, ``{"recall@20": 0.0812, ...}``, as fractions."""
        return self.report.val

    @property
    def test(self) -> dict[str, float]:
        """Test metrics of the same weights."""
        return self.report.test

    @property
    def history(self) -> list[dict[str, Any]]:
        """A row for each epoch: ``epoch``, ``loss/<term>``, ``val/<metric>``, ``seconds``, ``evaluation_seconds``."""
        return self.report.history

    @property
    def model(self) -> Recommender:
        """The model with its best weights.

        Lists are made from these weights as they are at the first of them; where you train on, rank with
        :func:`mmgraph.recommend`.
        """
        return self._parts.model

    @property
    def graph(self) -> HeteroData:
        """The message graph that it was trained on, with what transforms drew."""
        return self._parts.graph

    @property
    def dataset(self) -> InteractionDataset:
        """The data set."""
        return self._parts.dataset

    @cached_property
    def _parts(self) -> Parts:
        self._check_folder()
        with repeatable():
            return restore(self.folder, self.config, dataset=self._dataset)

    @cached_property
    def _encoding(self) -> Encoding:
        with repeatable():
            return encode(self.model, self.graph)

    def recommend(
        self, users: Ids, *, k: int = 10, exclude: Sequence[str] = ("train", "val", "test")
    ) -> Recommendations:
        """The k best items for each user.

        Args:
            users: ids.
            k: length of the lists.
            exclude: the splits whose items a user already has: they are left out. To compare lists with the held-out
                items, leave these in: ``exclude=["train"]``.

        Returns:
            ``ids`` (users, k), -1 where nothing is left, and ``scores``.

        Raises:
            ValueError: for an id that is not there, a split that is none, or ``k`` below 1.
        """
        data = self.dataset[0]
        known = [data[INTERACTS][PARTS[name]] for name in _splits(exclude)]
        rows = _rows(data, "user", users)
        return _with_ids(best_items(self.model, self._encoding, rows, known, k=k), data)

    def similar_items(self, items: Ids, *, k: int = 10) -> Recommendations:
        """The k items most like each of ``items``, by the cosine of their final vectors.

        Args:
            items: ids.
            k: length of the lists.

        Raises:
            ValueError: for an id that is not there, ``k`` below 1, or a model whose items are no vectors.
        """
        data = self.dataset[0]
        return _with_ids(similar_items(self._encoding, _rows(data, "item", items), k=k), data)

    def save(self, folder: str | Path) -> Path:
        """Puts the run into a folder of its own, the same as the command line writes: whole, or not at all.

        Raises:
            FileExistsError: if something lies there.
            ValueError: if ``folder`` is no path, or within the run's present folder.
            OSError: if it cannot be written; nothing is left there.
        """
        target = as_folder(folder)
        if target == self.folder:
            return target
        if target.is_relative_to(self.folder):
            raise ValueError(f"{target} is within the run's own folder: save it elsewhere")
        if target.is_symlink() or (target.exists() and (not target.is_dir() or any(target.iterdir()))):
            raise FileExistsError(f"{target} is there already: a run is saved into a new folder")
        self._check_folder()
        part = target.with_name(f".{target.name}.{uuid.uuid4().hex}.tmp")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(self.folder, part)
            os.replace(part, target)
        except OSError as error:
            raise OSError(error.errno, f"could not save into {target} ({error.strerror or error})") from error
        finally:
            shutil.rmtree(part, ignore_errors=True)
        self.folder = target
        self._own = None
        return target

    def _check_folder(self) -> None:
        if not self.folder.is_dir():
            raise FileNotFoundError(
                f"{self.folder} is gone, and the weights with it: a run without folder= lies in a temporary folder, "
                "which goes with its process and its last Run; keep it by run.save(...)"
            )

    def __repr__(self) -> str:
        """What was trained on what, its first test metrics, and where it lies."""
        shown = ", ".join(f"{name} {value:.4f}" for name, value in _headline(self.test).items())
        name = f"{self.report.model} on {self.report.dataset}, seed {self.report.seed}"
        return f"Run({name}: test {shown}; {summary_line(self.report)}; {self.folder})"

    def _repr_html_(self) -> str:
        return run_html(self.report, self.folder)


def _headline(metrics: dict[str, float]) -> dict[str, float]:
    wanted = [name for name in ("recall@20", "ndcg@20") if name in metrics] or list(metrics)[:2]
    return {name: metrics[name] for name in wanted}


def _splits(exclude: Any) -> list[str]:
    names: list[Any] = [exclude] if exclude is None or isinstance(exclude, str) else list(exclude)
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        raise ValueError(f"exclude names {unknown}; splits are {list(PARTS)}, and [] leaves nothing out")
    return names


def _rows(data: HeteroData, node_type: str, ids: Ids) -> Tensor:
    """Where the nodes of these ids stand in the graph."""
    index = as_index(ids, f"{node_type}s")
    store = data[node_type]
    raw = store.raw_id if "raw_id" in store else torch.arange(int(store.num_nodes))
    order = raw.argsort()
    place, found = find_sorted(raw[order], index)
    absent = index[~found]
    if absent.numel():
        raise ValueError(
            f"there is no {node_type} {int(absent[0])} in the data: ids are {raw.numel():,} numbers from "
            f"{int(raw.min())} to {int(raw.max())}"
        )
    return order[place]


def _with_ids(found: Recommendations, data: HeteroData) -> Recommendations:
    if "raw_id" not in data["item"]:
        return found
    ids = data["item"].raw_id[found.ids.clamp(min=0)]
    return found._replace(ids=ids.where(found.ids >= 0, -1))
