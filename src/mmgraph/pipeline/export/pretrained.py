"""A run without its data, for others: weights, configuration, ids, metrics and a card, as a model hub holds it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig, OmegaConf

from mmgraph.files import atomic_write
from mmgraph.pipeline.export.card import model_card
from mmgraph.pipeline.export.weights import WEIGHTS, write_weights
from mmgraph.pipeline.run_folder import CONFIG, IDENTITY, REPORT, read_identity
from mmgraph.pipeline.serving import FOLDER, keep
from mmgraph.training import CHECKPOINT, read_checkpoint

if TYPE_CHECKING:
    from mmgraph.pipeline.result import Run

CARD = "README.md"
_HUB_FILES = (CARD, CONFIG, IDENTITY, REPORT, WEIGHTS, f"{FOLDER}/*")


def write_pretrained(run: "Run", folder: Path, *, license: str | None = None) -> list[Path]:
    """Writes what :func:`mmgraph.from_pretrained` opens; see :meth:`mmgraph.Run.save_pretrained`.

    Paths of this machine are left out of the configuration.
    """
    identity = read_identity(run.folder)
    written = []
    checkpoint = run.folder / CHECKPOINT
    if checkpoint.is_file():
        write_weights(folder / WEIGHTS, read_checkpoint(checkpoint)["state"]["best_weights"])
        written.append(folder / WEIGHTS)
    config = without_places(run.config)
    report = json.loads((run.folder / REPORT).read_text(encoding="utf-8"))
    report["config"] = OmegaConf.to_container(config)
    texts = {
        CONFIG: OmegaConf.to_yaml(config),
        IDENTITY: json.dumps(identity, indent=1),
        REPORT: json.dumps(report, indent=2),
        CARD: model_card(run, license=license),
    }
    for name, text in texts.items():
        with atomic_write(folder / name) as file:
            file.write(text)
        written.append(folder / name)
    keep(run.serving, folder, identity)
    if (folder / FOLDER).is_dir():
        written.append(folder / FOLDER)
    return written


def without_places(cfg: DictConfig) -> DictConfig:
    """The configuration with the data set's folder by its name alone; what it is hashed by stays as it is.

    Example:
        >>> cfg = OmegaConf.create({"data_root": "/home/me", "dataset": {"root": "/home/me/shop"}, "overrides": []})
        >>> without_places(cfg).dataset.root
        'shop'
    """
    shared = cfg.copy()
    dataset: dict[str, Any] = {"cache_dir": None}
    if cfg.dataset.get("root") is not None:
        dataset["root"] = Path(cfg.dataset.root).name
    for name, value in dataset.items():
        if name in shared.dataset:
            shared.dataset[name] = value
    shared.data_root = "."
    shared.overrides = [word for word in cfg.overrides if not _names_a_place(word)]
    return shared


def _names_a_place(word: str) -> bool:
    return word.lstrip("+~").partition("=")[0] in ("data_root", "dataset.root", "dataset.cache_dir")


def hub_folder(name: str, revision: str | None) -> Path:
    """Where the files of ``owner/name`` on the Hugging Face hub lie, once they are fetched (again, where they changed).

    Raises:
        FileNotFoundError: if there is no such model, or none of mmgraph's.
        ConnectionError: if it cannot be reached, and was not fetched before.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError

    try:
        found = Path(snapshot_download(name, revision=revision, allow_patterns=list(_HUB_FILES)))
    except (RepositoryNotFoundError, RevisionNotFoundError) as error:
        at = "" if revision is None else f" at revision {revision}"
        raise FileNotFoundError(f"{name}: no folder of this name, and no such model on the hub{at}") from error
    except (LocalEntryNotFoundError, OSError) as error:
        raise ConnectionError(f"{name}: no folder of this name, and the hub cannot be reached ({error})") from error
    if not (found / CONFIG).is_file():
        raise FileNotFoundError(f"{name} on the hub holds no {CONFIG}: it is no model of mmgraph")
    return found
