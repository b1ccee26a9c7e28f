"""Runs from Python: the words of the command line as arguments, data in hand, and a :class:`Run` that comes back."""

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypedDict

from hydra.errors import HydraException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException
from torch_geometric.data import HeteroData
from typing_extensions import Unpack

from mmgraph.config.compose import compose_config, option_names
from mmgraph.config.explain import explain, places_like
from mmgraph.config.values import setting
from mmgraph.datasets.base import InteractionDataset
from mmgraph.pipeline.export.pretrained import hub_folder
from mmgraph.pipeline.given_data import as_dataset, untuned_note, words_of
from mmgraph.pipeline.own_folder import OwnFolder
from mmgraph.pipeline.repeatable import repeatable
from mmgraph.pipeline.result import Run
from mmgraph.pipeline.run import train
from mmgraph.pipeline.run_folder import as_folder


class Options(TypedDict, total=False):
    """What ``mmgraph.run`` takes by name: the command line's groups of options that describe a run."""

    graph: str
    loss: str
    loader: str
    evaluator: str
    recipe: str
    tuned: str
    ablation: str
    control: str


GROUPS = tuple(Options.__annotations__)
_OTHERS = ("max_epochs", "seed", "folder", "warm_start", "overrides", "verbose")
_OPTION = re.compile(r"[\w\-]+(/[\w\-]+)*")
_KEY = re.compile(r"[+~]{0,2}[A-Za-z_][\w.@/:\-]*", re.ASCII)
_HUB_NAME = re.compile(r"[\w.\-]+/[\w.\-]+", re.ASCII)
_SHOWN = 60
_OF_DATA = ("dataset", "data_root", "hydra", "launcher", "sweeper", "experiment")


def run(
    model: str,
    data: InteractionDataset | HeteroData,
    *,
    max_epochs: int | None = None,
    seed: int = 0,
    folder: str | Path | None = None,
    warm_start: str | Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    verbose: bool = True,
    **options: Unpack[Options],
) -> Run:
    """Trains a model, ranks the test split once with the best weights, and gives what came of it.

    The model comes with the graph, the loss, the training settings and, on a data set of ``conf/dataset``, the tuned
    values of its name, as on the command line: ``mmgraph.run("rednd", data, loss="bpr", seed=1)`` is ``python train.py
    model=rednd loss=bpr seed=1``. Nothing of the process is changed but for the time of the call. Runs of several
    threads come one after another: random generators are the process's.

    Args:
        model: a name of :func:`list_models`.
        data: a data set, or any ``HeteroData`` of the shape that :class:`mmgraph.datasets.base.InteractionDataset`
            describes.
        max_epochs: epochs at the most (``trainer.max_epochs``); early stopping may end sooner.
        seed: of weights, batches and negatives.
        folder: the run's folder, the same as the command line writes; an interrupted run that is found there is gone on
            from. By default one of its own that goes with the :class:`Run`, unless that is saved.
        warm_start: the folder of an earlier run of the same model, on other data perhaps: training begins with its best
            weights, by the original ids of users and items.
        overrides: settings by dotted key: ``{"model.num_layers": 2, "trainer.optimizer.lr": 1e-4}``.
        verbose: whether it is printed what was read, and a line for each epoch.
        **options: a name for any of ``graph``, ``loss``, ``loader``, ``evaluator``, ``recipe``, ``tuned``,
            ``ablation`` and ``control``.

    Raises:
        ValueError: if a name, a setting or the data cannot be right; states what would be.
        TypeError: if ``data`` is no data, ``overrides`` no mapping, or an option is none of those.

    Example:
        >>> from mmgraph.datasets import Synthetic
        >>> run = run("mf_bpr", Synthetic(num_users=60, num_items=60), max_epochs=1, verbose=False)
        >>> sorted(run.test)[:2], len(run.history)
        (['average_popularity@10', 'average_popularity@20'], 1)
    """
    words = [f"model={_option('model', model)}", *_option_words(model, options)]
    dataset = as_dataset(data)
    if verbose and "tuned" not in options and (note := untuned_note(dataset, model)):
        print(note, flush=True)
    settings: dict[str, Any] = (
        {"seed": seed} if max_epochs is None else {"seed": seed, "trainer.max_epochs": max_epochs}
    )
    if warm_start is not None:
        settings["warm_start"] = str(as_folder(warm_start))
    settings |= _checked({} if overrides is None else overrides, taken=settings)
    cfg = _composed([*words, *words_of(dataset), *(setting(key, value) for key, value in settings.items())])
    if folder is not None:
        return _trained(cfg, as_folder(folder), dataset, verbose)
    own = OwnFolder()
    try:
        return _trained(cfg, own.path / "run", dataset, verbose, own)
    except BaseException:  # whoever keeps the traceback holds the object, too
        own.remove()
        raise


def _composed(words: list[str]) -> DictConfig:
    try:
        return compose_config(words)
    except (HydraException, OmegaConfBaseException) as error:
        raise ValueError(explain(error, words)) from None


def _trained(
    cfg: DictConfig, run_dir: Path, dataset: InteractionDataset, verbose: bool, own: OwnFolder | None = None
) -> Run:
    with repeatable():
        trained = train(cfg, run_dir, dataset=dataset, verbose=verbose)
    return Run(run_dir, dataset=dataset, own=own, parts=trained.parts)


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
        data_root: the folder of the data sets, one a folder in it, if not where it was.

    Raises:
        FileNotFoundError: if there is no finished run in it.
        ValueError: if something in it is damaged. What was trained, and on what, is compared when it is used first.
    """
    dataset = None if data is None else as_dataset(data)
    return Run(as_folder(folder), dataset=dataset, data_root=data_root)


def from_pretrained(
    place: str | Path,
    *,
    revision: str | None = None,
    data: InteractionDataset | HeteroData | None = None,
    data_root: str | Path | None = None,
) -> Run:
    """Opens what :meth:`mmgraph.Run.save_pretrained` wrote: it recommends at once, without the data.

    Args:
        place: its folder, or ``"owner/name"`` on the Hugging Face hub.
        revision: of the hub's: a branch, tag or commit; the newest by default.
        data: the data that it was trained on, where ``run.model`` is wanted.
        data_root: where the data sets lie here, for the same.

    Raises:
        FileNotFoundError: if there is no such thing.
        ConnectionError: if it is no folder and the hub cannot be reached.
        ImportError: without safetensors, or for the hub huggingface-hub (the extra ``hub``).
        ValueError: if something in it is damaged.
    """
    folder = as_folder(place)
    if not folder.is_dir() and _HUB_NAME.fullmatch(str(place)):
        folder = hub_folder(str(place), revision)
    elif revision is not None:
        raise ValueError(f"revision={revision!r} is for names on the hub, and {folder} is a folder")
    return load(folder, data=data, data_root=data_root)


def _option_words(model: str, options: Mapping[str, Any]) -> list[str]:
    for name in options:
        if name not in GROUPS:
            raise TypeError(f"run() takes no {name!r}{_hint(name, model)}; options are {', '.join(GROUPS)}")
    return [f"{name}={_option(name, value)}" for name, value in options.items()]


def _hint(name: str, model: str) -> str:
    """What somebody may have meant: an argument, or a setting of the model's configuration."""
    if close := difflib.get_close_matches(name, [*GROUPS, *_OTHERS], n=1):
        return f", did you mean {close[0]}?"
    if places := places_like(name, _composed([f"model={model}"])):
        return f"; settings go by dotted key: overrides={{'{places[0]}': ...}}"
    return ""


def _option(group: str, name: Any) -> str:
    """A name of a group's options, which are files."""
    if not isinstance(name, str) or not _OPTION.fullmatch(name):
        shown = " ".join(repr(name).split())[:_SHOWN]
        other = "" if isinstance(name, str) else "; objects of your own are trained by mmgraph.Trainer"
        raise ValueError(f"{group}={shown}: must be one of {', '.join(option_names(group))}{other}")
    return name


def _checked(overrides: Any, *, taken: Mapping[str, Any]) -> Mapping[str, Any]:
    """Settings by dotted key, none of which an argument has given already."""
    if not isinstance(overrides, Mapping):
        raise TypeError(
            "overrides must be a mapping of settings by dotted key, such as {'model.num_layers': 2}; got "
            f"{overrides!r:.{_SHOWN}}"
        )
    for key in overrides:
        if not isinstance(key, str) or not _KEY.fullmatch(key):
            raise ValueError(f"overrides: {key!r} is no dotted key, such as 'model.num_layers'")
        name = key.lstrip("+~")
        if name.split(".")[0] in _OF_DATA:
            raise ValueError(f"overrides[{key!r}]: the data are given by data=, and the run's folder by folder=")
        if name == "processes":
            raise ValueError(
                f"overrides[{key!r}]: this runs in the process that calls it; several are started from the command "
                "line, launcher=torchrun processes=2"
            )
        if name in ("model", *GROUPS):
            raise ValueError(
                f"overrides[{key!r}]: which {name} it is, is the argument {name}=; its settings go by dotted key, "
                f"'{name}.NAME'"
            )
        if name in taken:
            raise ValueError(f"overrides[{key!r}]: give it by the argument {name.rpartition('.')[2]}= only")
    return overrides
