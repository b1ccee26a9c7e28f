"""What is asked for beside the item: data sets, seeds, where to, further words; checked before anything is run."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hydra.errors import HydraException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from mmgraph.config.compose import compose_config
from mmgraph.config.explain import explain
from mmgraph.evidence.reproduce.item import Item
from mmgraph.pipeline.run_folder import as_folder

DEFAULT_OUT = Path("outputs/reproductions")
_TAKEN = {
    "model": "the rows name the models",
    "seed": "seeds=0,1,2 chooses the seeds",
    "dataset": "dataset=NAME chooses the data set",
    "experiment": "the item says what is run",
    "hydra.run.dir": "runs lie where runs= says",
}


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked for.

    Args:
        item: the table or figure.
        datasets: what ``dataset=`` calls them.
        seeds: one run each.
        words: further words, said for every row.
        out: folder of what is written.
        runs: folder of the runs of all items.
        jobs: how many run at a time.
    """

    item: Item
    datasets: tuple[str, ...]
    seeds: tuple[int, ...]
    words: tuple[str, ...]
    out: Path
    runs: Path
    jobs: int

    @property
    def command(self) -> str:
        """What makes the same again, but for where things lie."""
        item = self.item
        seeds = ",".join(map(str, self.seeds))
        words = [word for word in self.words if not word.startswith(("data_root=", "dataset.root="))]
        return " ".join(
            ["mmgraph-reproduce", item.paper, item.name, f"dataset={','.join(self.datasets)}", f"seeds={seeds}", *words]
        )


def make_request(
    item: Item,
    *,
    datasets: Sequence[str] | None,
    seeds: Sequence[int],
    words: Sequence[str],
    out: str | os.PathLike[str] | None,
    runs: str | os.PathLike[str] | None,
    jobs: int | None,
) -> Request:
    """Fills in what was not said.

    Raises:
        ValueError: if a word is another's, a number is out of range, or no data set of the paper is there.
    """
    _check_words(item, words)
    if not seeds or len(set(seeds)) != len(seeds) or min(seeds) < 0:
        raise ValueError(f"seeds must be different numbers from 0 on, got {list(seeds)}")
    if jobs is not None and jobs < 1:
        raise ValueError(f"jobs must be at least 1, got {jobs}")
    names = tuple(datasets) if datasets else default_datasets(item, words)
    if len(set(names)) != len(names):
        raise ValueError(f"dataset= names one twice: {', '.join(names)}")
    folder = DEFAULT_OUT / item.full_name if out is None else out
    kept = DEFAULT_OUT / "runs" if runs is None else runs
    return Request(
        item=item,
        datasets=names,
        seeds=tuple(seeds),
        words=tuple(words),
        out=as_folder(folder),
        runs=as_folder(kept),
        jobs=jobs or max(1, cores() // 2),
    )


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def composed(words: Sequence[str]) -> DictConfig:
    """The configuration of words.

    Raises:
        ValueError: if one of them is none; states what would be.
    """
    try:
        return compose_config(words)
    except (HydraException, OmegaConfBaseException) as error:
        raise ValueError(explain(error, list(words))) from None


def default_datasets(item: Item, words: Sequence[str]) -> tuple[str, ...]:
    """The first of the paper's data sets that is there; for tables of counts all of them, there or not.

    Raises:
        ValueError: if none is there.
    """
    if item.kind != "runs":
        return tuple(item.datasets)
    roots = {name: Path(composed([f"dataset={name}", *words_of_places(words)]).dataset.root) for name in item.datasets}
    found = [name for name, root in roots.items() if root.is_dir()]
    if not found:
        (folder,) = {root.parent for root in roots.values()}
        raise ValueError(
            f"none of {', '.join(roots)} is in {folder}: data_root=FOLDER (or MMGRAPH_DATA) says where they lie, "
            "dataset=NAME takes another set; dataset=synthetic needs no file"
        )
    return (found[0],)


def words_of_places(words: Sequence[str]) -> list[str]:
    """Those that say where things lie."""
    return [word for word in words if word.startswith("data_root=")]


def _check_words(item: Item, words: Sequence[str]) -> None:
    rows = {_key(word) for row in item.rows for word in row.words}
    for word in words:
        key = _key(word)
        if "=" not in word and not word.startswith("~"):
            raise ValueError(f"{word!r} is no word: write key=value")
        if key in _TAKEN:
            raise ValueError(f"{word}: {_TAKEN[key]}")
        if key in rows:
            raise ValueError(f"{word}: {key} is what the rows of {item.full_name} differ in; leave it out")


def _key(word: str) -> str:
    return word.partition("=")[0].lstrip("+~")
