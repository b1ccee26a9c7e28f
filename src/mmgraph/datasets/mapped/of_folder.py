"""The interactions of a folder in MMRec's layout, sorted into files of the cache."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mmgraph.datasets.mapped.build import Sizes, build, check_split
from mmgraph.datasets.mapped.kept import MappedInteractions, kept_or_built
from mmgraph.datasets.mapped.source import Counts, Source
from mmgraph.datasets.numbering import first_item


def interactions_of(
    path: Path, options: Mapping[str, Any], *, num_rows: Mapping[str, int], cache_dir: Path | None, key: str
) -> MappedInteractions:
    """Opens the sorted files, or makes and keeps them.

    Args:
        path: ``NAME.inter``.
        options: those of the folder, all of them.
        num_rows: rows of each feature file by modality.
        cache_dir: where processed data are kept.
        key: changes with whatever the files are made of.

    Raises:
        ValueError: an option needs all interactions at once, there is no cache, or the file is wrong; names the line.
        OSError: the files cannot be written.
    """
    _check(options)
    if cache_dir is None:
        raise ValueError("interactions=mapped keeps its files in the cache: set cache_dir or MMGRAPH_CACHE")
    read = {name: options[name] for name in ("split", "separator", "columns")}
    source = Source(path, **read, num_rows=max(num_rows.values(), default=0))

    def make(folder: Path) -> Sizes:
        counts = source.count()
        sizes = _sizes(source, counts, num_rows)
        degree = counts.user[sizes.first_user :]
        build(folder, source, sizes, degree, split=options["split"], seed=options["split_seed"])
        return sizes

    return kept_or_built(cache_dir / f"{path.stem}-{key[:32]}.csr", make)


def _check(options: Mapping[str, Any]) -> None:
    """Refuses what needs all interactions at once."""
    for name in ("k_core", "min_rating"):
        if options[name] is not None:
            raise ValueError(
                f"interactions=mapped takes the interactions as they are, and {name}={options[name]} chooses among "
                "them: let mmgraph-prepare do that, in bounded memory, and leave it out here"
            )
    if options["missing"] == "graph":
        raise ValueError("interactions=mapped: missing=graph reads all interactions; take missing=mean or zero")
    check_split(options["split"])


def _sizes(source: Source, counts: Counts, num_rows: Mapping[str, int]) -> Sizes:
    """How users and items are numbered, as :func:`~mmgraph.datasets.numbering.number_from_zero` does."""
    if not num_rows:
        source.check_gaps(counts.item, "item")
    first = first_item(np.flatnonzero(counts.item), num_rows, source.path.parent)
    first_user = int(np.flatnonzero(counts.user)[0])
    num_items = next(iter(num_rows.values()), len(counts.item) - first)
    return Sizes(len(counts.user) - first_user, num_items, first_user, first)
