"""Runs from Python: the words of the command line as arguments, data in hand, and a :class:`Run` that comes back."""

import re
import shutil
import tempfile
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from omegaconf import DictConfig
from torch_geometric.data import HeteroData

from mmgraph.config.compose import compose_config, option_names
from mmgraph.config.values import setting
from mmgraph.datasets.base import InteractionDataset
from mmgraph.pipeline.given_data import as_dataset, words_of
from mmgraph.pipeline.repeatable import repeatable
from mmgraph.pipeline.result import Run
from mmgraph.pipeline.run import train

GROUPS = ("graph", "loss", "loader", "evaluator", "recipe", "tuned", "ablation")
"""What ``mmgraph.run`` takes by name: the command line's groups of options that describe a run."""
_OPTION = re.compile(r"[\w\-]+(/[\w\-]+)*")
_OF_DATA = ("dataset", "data_root", "hydra", "launcher", "sweeper", "experiment")


def run(
    model: str,
    data: InteractionDataset | HeteroData,
    *,
    max_epochs: int | None = None,
    seed: int = 0,
    folder: str | Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    verbose: bool = True,
    **options: str,
) -> Run:
    """Trains a model, ranks the test split once with the best weights, and gives what came of it.

    The model comes with the graph, the loss, the training settings and, on a data set of ``conf/dataset``, the tuned
    values of its name, as on the command line: ``mmgraph.run("rednd", data, loss="bpr", seed=1)`` is ``python train.py
    model=rednd loss=bpr seed=1``. Nothing of the process is changed but for the time of the call.

    Args:
        model: a name of :func:`list_models`.
        data: a data set, or any ``HeteroData`` of the shape that :class:`mmgraph.datasets.base.InteractionDataset`
            describes.
        max_epochs: epochs at the most (``trainer.max_epochs``); early stopping may end sooner.
        seed: of weights, batches and negatives.
        folder: the run's folder, the same as the command line writes; an interrupted run that is found there is gone on
            from. By default one of its own that goes with the :class:`Run`, unless that is saved.
        overrides: settings by dotted key: ``{"model.num_layers": 2, "trainer.optimizer.lr": 1e-4}``.
        verbose: whether it is printed what was read, and a line for each epoch.
        **options: a name for any of ``graph``, ``loss``, ``loader``, ``evaluator``, ``recipe``, ``tuned`` and
            ``ablation``.

    Raises:
        ValueError: if a name, a setting or the data cannot be right; states what would be.
        TypeError: if ``data`` is no data, or an option is none of those.

    Example:
        >>> from mmgraph.datasets import Synthetic
        >>> run = run("mf_bpr", Synthetic(num_users=60, num_items=40), max_epochs=1, verbose=False)
        >>> sorted(run.test)[:2], len(run.history)
        (['average_popularity@10', 'average_popularity@20'], 1)
    """
    words = [f"model={_option('model', model)}", *_option_words(options)]
    settings = {"seed": seed, **({} if max_epochs is None else {"trainer.max_epochs": max_epochs}), **(overrides or {})}
    dataset = as_dataset(data)
    words += [*words_of(dataset), *(setting(_key(key), value) for key, value in settings.items())]
    cfg = compose_config(words)
    if folder is not None:
        return _trained(cfg, Path(folder).expanduser().absolute(), dataset, verbose)
    own = Path(tempfile.mkdtemp(prefix="mmgraph-"))
    try:
        found = _trained(cfg, own / "run", dataset, verbose)
    except BaseException:
        shutil.rmtree(own, ignore_errors=True)
        raise
    weakref.finalize(found, shutil.rmtree, own, ignore_errors=True)
    return found


def _trained(cfg: DictConfig, run_dir: Path, dataset: InteractionDataset, verbose: bool) -> Run:
    with repeatable():
        train(cfg, run_dir, dataset=dataset, verbose=verbose)
    return Run(run_dir, dataset=dataset)


def load(
    folder: str | Path,
    *,
    data: InteractionDataset | HeteroData | None = None,
    data_root: str | Path | None = None,
) -> Run:
    """Opens the folder of a run, which Python or the command line wrote; nothing in it is changed.

    Args:
        folder: the run's folder.
        data: the data that it was trained on, where no file holds them.
        data_root: where the data sets lie now, if not where they were.

    Raises:
        FileNotFoundError: if there is no finished run in it.
        ValueError: if something in it is damaged. What was trained, and on what, is compared when it is used first.
    """
    dataset = None if data is None else as_dataset(data)
    return Run(Path(folder).expanduser().absolute(), dataset=dataset, data_root=data_root)


def _option_words(options: Mapping[str, str]) -> list[str]:
    unknown = [name for name in options if name not in GROUPS]
    if unknown:
        raise TypeError(
            f"run() takes no {unknown[0]!r}; options are {', '.join(GROUPS)}, and settings go by dotted key: "
            f"overrides={{'{unknown[0]}': ...}}"
        )
    return [f"{name}={_option(name, value)}" for name, value in options.items()]


def _option(group: str, name: str) -> str:
    """A name of a group's options, which are files."""
    if not isinstance(name, str) or not _OPTION.fullmatch(name):
        raise ValueError(f"{group}={name!r}: must be one of {', '.join(option_names(group))}")
    return name


def _key(key: str) -> str:
    if key.lstrip("+~").split(".")[0] in _OF_DATA:
        raise ValueError(f"overrides[{key!r}]: the data are given by data=, and the run's folder by folder=")
    return key
