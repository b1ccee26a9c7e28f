"""What came of a run: figures, the model, recommendations; in a notebook, a table and a curve."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from omegaconf import DictConfig
from torch_geometric.data import HeteroData

from mmgraph.datasets.base import InteractionDataset
from mmgraph.extension import extend
from mmgraph.files import put_in_place
from mmgraph.models import Recommender
from mmgraph.pipeline.export.formats import export
from mmgraph.pipeline.html import run_html
from mmgraph.pipeline.list_maker import ListMaker, WithNew
from mmgraph.pipeline.moved_data import move_data
from mmgraph.pipeline.own_folder import OwnFolder
from mmgraph.pipeline.parts import Parts
from mmgraph.pipeline.recommend import encode
from mmgraph.pipeline.repeatable import repeatable
from mmgraph.pipeline.report import RunReport, load_report, summary_line
from mmgraph.pipeline.run import restore
from mmgraph.pipeline.run_folder import REPORT, as_folder, check_free, check_identity, open_config, read_identity
from mmgraph.pipeline.serving import Serving, open_kept
from mmgraph.pipeline.serving.content import scorer_of
from mmgraph.pipeline.with_new import new_nodes


class Run(ListMaker):
    """A finished run: just trained, or opened from its folder; then the model is built when it is asked for first.

    ``run.test["recall@20"]``, ``run.val``, ``run.history[-1]``, ``run.model``, ``run.report``; users and items are
    named by their original ids (those of the file of interactions where the data have no others).

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
        """A row for each epoch: ``epoch``, ``loss/<term>``, ``seconds``; after an evaluation ``val/<metric>``, too."""
        return self.report.history

    @property
    def model(self) -> Recommender:
        """The model with its best weights.

        Lists are made from what these weights came to when the run ended; where you train on, rank with
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

    @property
    def parts(self) -> Parts:
        """Everything that the configuration describes, built, with the best weights."""
        return self._parts

    @cached_property
    def _parts(self) -> Parts:
        self._check_folder()
        with repeatable():
            return restore(self.folder, self.config, dataset=self._dataset)

    @cached_property
    def serving(self) -> Serving:
        """What lists are made of: kept in the folder, or made anew where an earlier version has written that."""
        self._check_folder()
        if self._dataset is not None:
            check_identity(self.folder, {"split": self._dataset.split_hash})
        kept = open_kept(self.folder, read_identity(self.folder))
        if kept is not None:
            return kept.to(_device(self.config))
        with repeatable():
            return Serving.of(self.model, encode(self.model, self.graph), self.dataset)

    def with_new(
        self,
        *,
        users: Mapping[Any, Sequence[Any]] | None = None,
        items: Mapping[Any, Mapping[str, Any]] | None = None,
        mode: str = "one_way",
        unseen: bool = False,
    ) -> WithNew:
        """The run with users and items that it has not met, without training; this one stays as it is.

        It needs the data that the run was trained on, as they were then (lists for known users do not).

        Args:
            users: new users, and the ids of the items that each chose, new ones among them: ``{"eve": [3, 14]}``.
            items: new items, and what is known of each: its ``features`` by modality, in the units of the run's data,
                ids of ``users`` who chose it, either or both, and a text for any column of the items' table:
                ``{"lamp": {"features": {"text": vector}, "users": [7], "title": "A lamp"}}``.
            mode: ``"one_way"``: they are inferred from old ones, for whom nothing changes; ``"recompute"``: the model
                encodes the larger graph, and what is new counts for everybody.
            unseen: whether users and items of the data without an interaction in training are inferred, too.

        Returns:
            What makes lists for old and new users of old and new items, as the run does.

        Raises:
            ValueError: for an id that is there already or not at all, features that do not fit, an item of which
                nothing is known, or a model that cannot do it; says why.
        """
        try:
            dataset = self.dataset
        except FileNotFoundError as error:
            raise FileNotFoundError(f"with_new needs the data that {self.folder} was trained on: {error}") from error
        new, larger = new_nodes(self.serving, dataset, users or {}, items or {})
        with repeatable():
            found = extend(
                self.model,
                self.graph,
                self.serving.encoding,
                new,
                mode=mode,
                unseen=unseen,
                transforms=self._parts.transforms,
            )
        return WithNew(replace(larger, encoding=found.encoding, scorer=scorer_of(found.model)))

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
        check_free(target)
        self._check_folder()
        with put_in_place(target) as part:
            shutil.copytree(self.folder, part)
        self.folder = target
        self._own = None
        return target

    def save_pretrained(self, folder: str | Path, *, license: str | None = None) -> Path:
        """Writes what others need to recommend with this run; :func:`mmgraph.from_pretrained` opens it.

        That is ``model.safetensors``, ``config.yaml``, ``report.json``, hashes, what lists are made of (ids of users
        and items and who has what: publish these only if you may) and ``README.md``, a card with metadata as the
        Hugging Face hub reads them: ``hf upload OWNER/NAME FOLDER``. The data themselves are not in it.

        Args:
            folder: a new one, or an empty one.
            license: identifier of the licence that these files are given under, such as ``"cc-by-4.0"``.

        Raises:
            FileExistsError: if something lies there.
            ImportError: without safetensors and huggingface-hub (the extra ``hub``).
            OSError: if it cannot be written; nothing is left there.
        """
        self.export(folder, formats=["pretrained"], license=license)
        return as_folder(folder)

    def export(
        self, folder: str | Path, *, formats: Sequence[str] = ("pretrained",), license: str | None = None
    ) -> list[Path]:
        """Writes what other programs read, into one folder.

        ==============  ==============================================================================================
        ``pretrained``  what :meth:`save_pretrained` writes
        ``vectors``     ``users.parquet`` and ``items.parquet``: columns ``id`` and ``vector``, in the order of rows
        ``index``       ``items.faiss``, by inner product; exact below 50,000 items; ``index.json``: its measured recall
        ``program``     ``scores.pt2``: ``torch.export.load(path).module()(user_rows)`` are the scores of all items
        ==============  ==============================================================================================

        The last three are there where scores are inner products of vectors.

        Args:
            folder: a new one, or an empty one.
            formats: some of these.
            license: as for :meth:`save_pretrained`.

        Returns:
            The files.

        Raises:
            ValueError: for a format that is none, or that the model cannot be written in.
            FileExistsError: if something lies there.
            ImportError: if a package is missing; names the extra.
            OSError: if it cannot be written; nothing is left there.
        """
        target = as_folder(folder)
        check_free(target)
        with put_in_place(target) as part:
            part.mkdir()
            written = export(self, part, formats, license=license)
            return [target / path.relative_to(part) for path in written]

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


def _device(cfg: DictConfig) -> torch.device:
    """Where a run ranks, as it trained: on a GPU where there is one, unless the run was to keep to the CPU."""
    on_gpu = cfg.trainer.accelerator in ("auto", "cuda") and torch.cuda.is_available()
    return torch.device("cuda" if on_gpu else "cpu")
