"""A folder in MMRec's layout, read unchanged."""

import csv
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from torch_geometric.data import HeteroData

from mmgraph.datasets import cache
from mmgraph.datasets.base import InteractionDataset, hetero_data, split_hash
from mmgraph.datasets.features import (
    MISSING,
    SUFFIX,
    Modality,
    find_modalities,
    prepare,
    read_modality,
    scaling_steps,
)
from mmgraph.datasets.filters import k_core as filter_k_core
from mmgraph.datasets.filters import keep_rated
from mmgraph.datasets.inter_file import COLUMNS, read_interactions
from mmgraph.datasets.interactions import Interactions
from mmgraph.datasets.split import needed_columns, split_labels


class MMRecFolder(InteractionDataset):
    r"""Interactions and item features of a folder: ``NAME.inter`` and any number of ``<modality>_feat.npy``.

    The layout is that of MMRec (Zhou, "MMRec: Simplifying Multimodal Recommendation", MM Asia Workshops 2023,
    https://arxiv.org/abs/2302.03497). Row i of a feature file belongs to item i. What was read is kept in ``cache_dir``
    under a key of file contents and options; the folder itself is never written to. The graph is described at
    :class:`~mmgraph.datasets.base.InteractionDataset`.

    Args:
        root: the folder.
        name: the part of ``NAME.inter`` before the dot; ``None`` where the folder has one such file.
        modalities: which to read, in this order; ``None`` for all, by name.
        features: scaling of the features: ``"raw"``, ``"l2"`` (rows of norm 1) or ``"standardize"`` (columns of mean 0
            and deviation 1, over all items that have the modality); one name, or by modality one name or several to
            apply in order (not named: raw).
        missing: what an item without a modality gets after scaling, ``"mean"`` of the others or ``"zero"``. It lacks
            one where its row is all NaN or False in an optional boolean ``<modality>_mask.npy``.
        split: ``"auto"``, ``"x_label"``, ``"per_user_random"``, ``"per_user_time"`` or ``"global_time"``; see
            :func:`~mmgraph.datasets.split.split_labels`.
        split_seed: seed of the split, where it is drawn.
        min_rating: least rating that counts as an interaction; ``None`` counts every line.
        k_core: repeatedly drop users and items with fewer interactions, then re-index; ``None`` keeps all.
        separator: the character between fields of ``NAME.inter``.
        columns: header names that are not MMRec's, by meaning: ``user, item, rating, timestamp, x_label``.
        source: where the data can be had, for the error when they are not there.
        cache_dir: where processed data are kept; ``None`` for ``MMGRAPH_CACHE``, else ``~/.cache/mmgraph``.
        transform: applied to the graph at every access.

    Raises:
        FileNotFoundError: the folder or its ``.inter`` file is not there.
        ValueError: an option or a file is wrong; the message names the option, or the file and line.

    Example:
        >>> import tempfile
        >>> root = Path(tempfile.mkdtemp())
        >>> _ = (root / "toy.inter").write_text("userID,itemID\n0,0\n0,1\n0,2\n")
        >>> MMRecFolder(root, separator=",", cache_dir=root / "cache").summary["train"]
        1
    """

    def __init__(
        self,
        root: str | Path,
        name: str | None = None,
        *,
        modalities: Sequence[str] | None = None,
        features: str | Mapping[str, str | Sequence[str]] = "raw",
        missing: str = "mean",
        split: str = "auto",
        split_seed: int = 0,
        min_rating: float | int | None = None,
        k_core: int | None = None,
        separator: str = "\t",
        columns: Mapping[str, str] | None = None,
        source: str | None = None,
        cache_dir: str | Path | None = None,
        transform: Callable[[HeteroData], HeteroData] | None = None,
    ) -> None:
        self._inter = _find_interactions(Path(root).expanduser(), name, source)
        if missing not in MISSING:
            raise ValueError(f"missing={missing!r}: must be one of {list(MISSING)}")
        folder = self._inter.parent
        steps = scaling_steps(features, find_modalities(folder))
        chosen = find_modalities(folder, modalities)
        self._options: dict[str, Any] = {
            "features": {modality: steps[modality] for modality in chosen},
            "order": chosen,
            "missing": missing,
            "split": split,
            "split_seed": split_seed,
            "min_rating": min_rating,
            "k_core": k_core,
            "separator": separator,
            "columns": {**COLUMNS, **(columns or {})},
        }
        directory = cache.default_cache_dir() if cache_dir is None else Path(cache_dir).expanduser()
        processed = self._cached(directory)
        super().__init__(
            self._inter.stem, HeteroData.from_dict(processed["data"]), processed["split_hash"], transform=transform
        )

    def _cached(self, directory: Path) -> dict[str, Any]:
        """Loads the processed data, or makes and keeps them."""
        names = self._options["order"]
        feature_files = [self._inter.parent / f"{modality}{SUFFIX}" for modality in names]
        masks = [self._inter.parent / f"{modality}_mask.npy" for modality in names]
        files = [self._inter, *feature_files, *(mask for mask in masks if mask.exists())]
        path = directory / f"{self._inter.stem}-{cache.content_key(files, self._options)[:32]}.pt"
        processed = cache.load(path)
        if processed is None:
            data = self._read()
            processed = {"data": data.to_dict(), "split_hash": split_hash(data)}
            cache.save(path, processed)
        return processed

    def _read(self) -> HeteroData:
        """Reads, filters and splits the interactions, and reads the features."""
        options = self._options
        min_rating, k_core = options["min_rating"], options["k_core"]
        table = read_interactions(
            self._inter,
            separator=options["separator"],
            columns=options["columns"],
            optional=needed_columns(options["split"]) + ([] if min_rating is None else ["rating"]),
            contiguous=k_core is None,
        )
        num_rows = table.num_items
        if min_rating is not None:
            table = keep_rated(table, min_rating=min_rating)
        if k_core is not None:
            table = filter_k_core(table, k=k_core)
        labels = split_labels(table, split=options["split"], seed=options["split_seed"])
        features = {name: self._read_features(name, table, num_rows) for name in options["order"]}
        return hetero_data(table, labels, features)

    def _read_features(self, name: str, table: Interactions, num_rows: int) -> Modality:
        """Reads the features of the items in ``table``; a re-indexed one may leave rows of the file out."""
        x, has = read_modality(self._inter.parent, name, num_items=num_rows, exact=table.raw_item is None)
        if table.raw_item is not None:
            x, has = x[table.raw_item], None if has is None else has[table.raw_item]
        if has is not None and not has.any():
            raise ValueError(f"{self._inter.parent}: no item has the modality '{name}'; leave it out of modalities")
        complete = has is None or bool(np.all(has))
        modality = Modality(x, None if complete else has)
        return prepare(modality, steps=self._options["features"][name], missing=self._options["missing"])

    @cached_property
    def items(self) -> list[dict[str, str]] | None:
        """What the items are, for people: a row of ``items.tsv`` (or ``{}``) for each; ``None`` without that file."""
        path = self._inter.parent / "items.tsv"
        if not path.exists():
            return None
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
        column = self._options["columns"]["item"]
        if rows and column not in rows[0]:
            raise ValueError(f"{path}:1: no column '{column}' in the header {list(rows[0])}")
        by_id = {row[column]: row for row in rows}
        item = self._data["item"]
        ids = item.raw_id.tolist() if "raw_id" in item else range(item.num_nodes)
        return [by_id.get(str(i), {}) for i in ids]


def _find_interactions(root: Path, name: str | None, source: str | None) -> Path:
    """Returns the path of ``NAME.inter``."""
    found = sorted(root.glob("*.inter"))
    if name is None and len(found) > 1:
        raise ValueError(f"{root}: several data sets, {[path.stem for path in found]}; choose one with name=")
    path = root / f"{name}.inter" if name is not None else next(iter(found), root / "NAME.inter")
    if not path.is_file():
        raise FileNotFoundError(
            f"no {path.name} in {root.absolute()}{f' (there is {[p.name for p in found]})' if found else ''}.\n"
            f"Fetch it: {source or 'any data set in the layout of MMRec'}.\n"
            f"Layout: {path.absolute()} (header userID, itemID, optional rating, timestamp, x_label; ids from 0), "
            f"beside it <modality>{SUFFIX} (row i = item i), one a modality.\n"
            "Or point data_root=... (or MMGRAPH_DATA) at the folder that holds the data sets."
        )
    return path
