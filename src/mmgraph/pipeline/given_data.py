"""Data in hand as the words that would name them on a command line."""

from collections.abc import Mapping
from typing import Any, cast

from omegaconf import OmegaConf
from torch_geometric.data import HeteroData

from mmgraph.config.compose import compose_config, option_names
from mmgraph.config.values import setting
from mmgraph.datasets import InHand, MMRecFolder, Synthetic
from mmgraph.datasets.base import InteractionDataset
from mmgraph.datasets.folder_options import DEFAULTS, folder_options


def as_dataset(data: Any) -> InteractionDataset:
    """A data set of what a user gave.

    Raises:
        TypeError: if it is neither a data set nor a graph.
        ValueError: if a graph is not of the documented shape; names the key.
    """
    if isinstance(data, InteractionDataset):
        return data if data.arguments is not None else InHand(data[0], name=data.name)
    if isinstance(data, HeteroData):
        return InHand(data)
    raise TypeError(
        f"data must be a data set (mmgraph.MMRecFolder, mmgraph.Synthetic) or a HeteroData, got {type(data).__name__}"
    )


def words_of(dataset: InteractionDataset) -> list[str]:
    """The words for a data set; a folder read as one of ``conf/dataset`` gets its name, and so its tuned values.

    Classes of somebody else's that derive from these may read the same arguments in another way.
    """
    if type(dataset) is MMRecFolder and dataset.arguments is not None:
        return _words_of_folder(dataset, dataset.arguments)
    if type(dataset) is Synthetic and dataset.arguments is not None:
        return ["dataset=synthetic", *_words_of_synthetic(dataset.arguments)]
    return ["dataset=memory", setting("dataset.name", dataset.name)]


def _words_of_folder(dataset: MMRecFolder, arguments: Mapping[str, Any]) -> list[str]:
    if _read_otherwise(dataset) == {}:
        places = {name: arguments[name] for name in ("root", "cache_dir")}
        return [f"dataset={dataset.name}", *(setting(f"dataset.{name}", value) for name, value in places.items())]
    given = {name: value for name, value in arguments.items() if value is not None}
    return ["dataset=folder", *(setting(f"dataset.{name}", value) for name, value in given.items())]


def untuned_note(dataset: InteractionDataset, model: str) -> str | None:
    """A line for somebody whose folder has a name with tuned values but is read in another way, so that it gets none.

    Args:
        dataset: the data in hand.
        model: what is to be trained.
    """
    tuned = f"{model}-{dataset.name}"
    if type(dataset) is not MMRecFolder or dataset.arguments is None or tuned not in option_names("tuned"):
        return None
    if not (otherwise := _read_otherwise(dataset)):
        return None
    usual = ", ".join(f"{name}={value!r}" for name, value in otherwise.items())
    return (
        f"{dataset.name} is not read as dataset={dataset.name} reads it, so the values tuned for that are left out: "
        f"MMRecFolder(..., {usual}) has them, or tuned={tuned!r} takes them as they are"
    )


def _read_otherwise(dataset: MMRecFolder) -> dict[str, Any] | None:
    """What ``conf/dataset/<name>.yaml`` sets where the folder was read in another way; None: there is no such file."""
    if dataset.name not in option_names("dataset"):
        return None
    plain = OmegaConf.to_container(compose_config([f"dataset={dataset.name}"]).dataset)
    if not isinstance(plain, dict) or "root" not in plain:
        return None
    given = {str(key): value for key, value in plain.items() if key in DEFAULTS}
    options, _ = folder_options(dataset.folder, given)
    return {name: value for name, value in options.items() if value != dataset.options[name]}


def _words_of_synthetic(arguments: Mapping[str, Any]) -> list[str]:
    """Words for what differs from ``conf/dataset/synthetic.yaml``."""
    usual = cast(dict[str, Any], OmegaConf.to_container(compose_config(["dataset=synthetic"]).dataset))
    return [setting(f"dataset.{name}", value) for name, value in arguments.items() if value != usual[name]]
