"""A folder in MMRec's layout, read unchanged."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Int64
from torch_geometric.data import HeteroData

from mmgraph.datasets import cache, features_in_files
from mmgraph.datasets.base import InteractionDataset, hetero_data, set_features, split_hash
from mmgraph.datasets.control import Control
from mmgraph.datasets.features import Modality, count_rows, find_modalities, read_modality, take_rows
from mmgraph.datasets.filters import k_core as filter_k_core
from mmgraph.datasets.filters import keep_rated
from mmgraph.datasets.folder_files import find_interactions, modalities_of
from mmgraph.datasets.folder_options import FILE as OPTIONS_FILE
from mmgraph.datasets.folder_options import folder_options
from mmgraph.datasets.imputation import impute
from mmgraph.datasets.inter_file import read_interactions
from mmgraph.datasets.interactions import TRAIN
from mmgraph.datasets.items_file import read_categories, read_items
from mmgraph.datasets.kept import Labelled, load_labelled, save_labelled
from mmgraph.datasets.mapped import MappedInteractions, interactions_of, mapped_graph
from mmgraph.datasets.numbering import first_item, number_from_zero
from mmgraph.datasets.original_ids import COLUMN, FILES, read_original_ids
from mmgraph.datasets.scaling import MISSING, prepare, scaling_steps
from mmgraph.datasets.split import chosen_split, needed_columns, split_labels
from mmgraph.reading import read_layout


class MMRecFolder(InteractionDataset):
    r"""Interactions and item features of a folder: ``NAME.inter`` and any number of ``<modality>_feat.npy``.

    The layout is that of MMRec (Zhou, "MMRec: Simplifying Multimodal Recommendation", MM Asia Workshops 2023,
    https://arxiv.org/abs/2302.03497). Row i of a feature file belongs to item i; an item that nobody bought may have a
    row. The labelled interactions are kept in ``cache_dir`` under a key of file contents and options, the features are
    read anew; the folder itself is never written to. The graph is described at
    :class:`~mmgraph.datasets.base.InteractionDataset`.

    Args:
        root: the folder. Its own ``dataset.yaml``, where there is one, states what the options below are when they are
            ``None``.
        name: the part of ``NAME.inter`` before the dot; ``None`` where the folder has one such file.
        modalities: which to read, in this order; ``None`` for all, by name.
        features: scaling of the features: ``"raw"`` (the default), ``"l2"`` (rows of norm 1) or ``"standardize"``
            (columns of mean 0 and deviation 1, over all items that have the modality); one name, or by modality one
            name or several to apply in order (not named: raw).
        missing: what an item without a modality gets after scaling: ``"mean"`` of the others (the default), ``"zero"``,
            or ``"graph"``, the mean of items chosen together with it or similar in another modality
            (:func:`~mmgraph.datasets.imputation.impute`). It lacks one where its row is all NaN or False in an optional
            boolean ``<modality>_mask.npy``, and is marked as lacking it in any case.
        mapped_features: leaves features in their files, in half or single precision, to be read as they are used: for
            files that are larger than memory, and models that do nothing with features but project them
            (``Recommender.projects_features``). Raw features of all items only; ``False`` by default.
        split: ``"auto"`` (the default) or another of :func:`~mmgraph.datasets.split.split_labels`.
        ratios: shares of train, validation and test where the split has such; 8:1:1 by default.
        split_seed: seed of the split, where it is drawn; 0 by default.
        min_rating: least rating that counts as an interaction; ``None`` counts every line.
        k_core: repeatedly drop users and items with fewer interactions, then re-index; ``None`` keeps all.
        separator: the character between fields of ``NAME.inter``; the tab by default.
        columns: header names that are not MMRec's, by meaning: ``user, item, rating, timestamp, weight, x_label``,
            and ``category`` in ``items.tsv``.
        interactions: ``"memory"`` (the default), or ``"mapped"``: the train interactions are sorted into files of
            ``cache_dir`` in bounded memory, and stay there; models that read them row by row can be trained.
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
        features: str | Mapping[str, str | Sequence[str]] | None = None,
        missing: str | None = None,
        mapped_features: bool | None = None,
        split: str | None = None,
        ratios: Sequence[float] | None = None,
        split_seed: int | None = None,
        min_rating: float | None = None,
        k_core: int | None = None,
        separator: str | None = None,
        columns: Mapping[str, str | None] | None = None,
        interactions: str | None = None,
        source: str | None = None,
        cache_dir: str | Path | None = None,
        transform: Callable[[HeteroData], HeteroData] | None = None,
    ) -> None:
        given = {
            "name": name, "modalities": modalities, "features": features, "missing": missing,
            "mapped_features": mapped_features, "split": split, "ratios": ratios, "split_seed": split_seed,
            "min_rating": min_rating, "k_core": k_core, "separator": separator, "columns": columns,
            "interactions": interactions,
        }  # fmt: skip
        self._folder = Path(root).expanduser()
        self._options, decided = folder_options(self._folder, given)
        self._inter = find_interactions(self._folder, self._options["name"], source)
        if self._options["missing"] not in MISSING:
            raise ValueError(f"missing={self._options['missing']!r}: must be one of {list(MISSING)}")
        self._modalities = modalities_of(self._folder, self._options["modalities"])
        self._scalings = scaling_steps(self._options["features"], find_modalities(self._folder))
        self.features_in_files = bool(self._options["mapped_features"])
        if self.features_in_files:
            features_in_files.check_options(self._options, {name: self._scalings[name] for name in self._modalities})
        self._cache_dir = cache.default_cache_dir() if cache_dir is None else Path(cache_dir).expanduser()
        data, hashed = self._described(Control())
        super().__init__(
            self._inter.stem,
            data,
            hashed,
            notes=self._notes(decided),
            arguments={"root": str(self._folder.absolute()), **given, "source": source, "cache_dir": cache_dir},
            transform=transform,
        )
        # Read now: what is wrong with them should not come up when a training ends.
        self._original = {side: self._read_original(side) for side in FILES}

    def _read_original(self, node_type: str) -> list[str] | None:
        column = self._options["columns"][node_type]
        return read_original_ids(self._folder, node_type, self.numbers(node_type).tolist(), column)

    def original_ids(self, node_type: str) -> list[str] | None:
        """The column ``original_id`` of ``users.tsv`` or ``items.tsv``; ``None`` without one."""
        return self._original[node_type]

    def item_columns(self) -> dict[str, list[str]]:
        """The columns of ``items.tsv`` beside the ids; an item without a row has an empty text in each."""
        items = self.items or []
        names = next((list(row) for row in items if row), [])
        ids = (self._options["columns"]["item"], COLUMN)
        return {name: [row.get(name, "") for row in items] for name in names if name and name not in ids}

    @property
    def category_column(self) -> str:
        """The column of categories in ``items.tsv``."""
        return str(self._options["columns"]["category"])

    @property
    def user_ids(self) -> list[str]:
        """The users' original ids by row; where no file states them, those of ``NAME.inter`` as text."""
        return self._texts("user")

    @property
    def item_ids(self) -> list[str]:
        """The items' original ids by row, likewise."""
        return self._texts("item")

    def _texts(self, node_type: str) -> list[str]:
        original = self._original[node_type]
        return list(map(str, self.numbers(node_type))) if original is None else original

    @property
    def folder(self) -> Path:
        """Where the files lie."""
        return self._folder

    @property
    def options(self) -> dict[str, Any]:
        """What was read and how: every option of the folder, whoever decided it."""
        return {**self._options, "name": self._inter.stem}

    def _labelled(self) -> Labelled:
        """Loads the labelled interactions, or makes and keeps them."""
        num_rows = count_rows(self._folder, self._modalities)
        directory = self._cache_dir
        if directory is None:
            return self._read(num_rows)
        path = cache.file_path(directory, self._inter.stem, self._content_key(num_rows))
        file_bytes = self._inter.stat().st_size
        labelled = load_labelled(path, file_bytes=file_bytes, num_rows=max(num_rows.values(), default=0))
        if labelled is None:
            labelled = self._read(num_rows)
            save_labelled(path, labelled)
        return labelled

    def _content_key(self, num_rows: Mapping[str, int]) -> str:
        not_of_interactions = ("name", "modalities", "features", "missing", "mapped_features", "interactions")
        options = {name: value for name, value in self._options.items() if name not in not_of_interactions}
        return cache.content_key([self._inter], {**options, "num_rows": sorted(set(num_rows.values()))})

    def _mapped(self) -> MappedInteractions:
        """Opens the sorted files of interactions, or makes and keeps them."""
        num_rows = count_rows(self._folder, self._modalities)
        key = self._content_key(num_rows)
        return interactions_of(self._inter, self._options, num_rows=num_rows, cache_dir=self._cache_dir, key=key)

    def _read(self, num_rows: Mapping[str, int]) -> Labelled:
        """Reads, filters and splits the interactions."""
        options = self._options
        min_rating = options["min_rating"]
        k_core = options["k_core"]
        split = options["split"]
        table = read_interactions(
            self._inter,
            separator=options["separator"],
            columns=options["columns"],
            optional=["weight", *needed_columns(split), *([] if min_rating is None else ["rating"])],
            contiguous=() if k_core is not None else ("user",) if num_rows else ("user", "item"),
        )
        first = first_item(table.item, num_rows, self._folder)
        if k_core is None:
            table = number_from_zero(table, first=first, num_rows=next(iter(num_rows.values()), None))
        if min_rating is not None:
            table = keep_rated(table, min_rating=min_rating)
        if k_core is not None:
            table = filter_k_core(table, k=k_core)
        labels = split_labels(table, split=split, seed=options["split_seed"], ratios=options["ratios"])
        return Labelled(table, labels, first)

    def _controlled_graph(self, control: Control) -> HeteroData:
        """Reads the features anew: what a control takes away has no part in the scaling."""
        if self.features_in_files:
            raise ValueError(
                "mapped_features=true leaves features in their files, and a control changes them; set "
                "mapped_features=false"
            )
        return self._described(control)[0]

    def _described(self, control: Control) -> tuple[HeteroData, str]:
        """The graph, and the hash of its split."""
        if self._options["interactions"] == "mapped":
            found = self._mapped()
            data = mapped_graph(found)
            degree = found.by_item.degree().numpy()
            set_features(data["item"], self._features(control, degree, None))
            hashed = found.split_hash
        else:
            labelled = self._labelled()
            table, labels, _ = labelled
            degree = np.bincount(table.item[labels == TRAIN], minlength=table.num_items)
            data = hetero_data(table, labels, self._features(control, degree, labelled))
            hashed = split_hash(data)
        category = read_categories(self._folder, _item_ids(data), self._options["columns"])
        if category is not None:
            data["item"].category = torch.from_numpy(category)
        return data, hashed

    def _features(
        self, control: Control, degree: Int64[np.ndarray, " items"], labelled: Labelled | None
    ) -> dict[str, Modality]:
        """The features as models see them.

        Args:
            control: what becomes of them.
            degree: train interactions of each item.
            labelled: the interactions, where they are in memory.
        """
        fill = control.fill or self._options["missing"]
        read = {name: self._read_features(name, labelled) for name in self._modalities}
        if self.features_in_files:
            features_in_files.check_complete(read)
        left = control.before_scaling(read, degree)
        prepared = {name: prepare(found, steps=self._scalings[name], missing=fill) for name, found in left.items()}
        self.scalings = {name: found.scaling for name, found in prepared.items()}
        features = control.after_scaling({name: Modality(found.x, found.has) for name, found in prepared.items()})
        if fill == "graph":
            if labelled is None:
                raise ValueError("interactions=mapped: control.fill=graph reads all interactions; take another fill")
            train = labelled.labels == TRAIN
            impute(features, labelled.table.user[train], labelled.table.item[train])
        return dict(features)

    def _read_features(self, name: str, labelled: Labelled | None) -> Modality:
        """Reads the features of the items; with a k-core the file has rows of others too."""
        modality = read_modality(self._folder, name, in_file=self.features_in_files)
        if labelled is not None and self._options["k_core"] is not None:
            raw_item = labelled.table.raw_item
            assert raw_item is not None
            modality = take_rows(modality, raw_item - labelled.first_row)
        return modality

    def _notes(self, decided: Sequence[str]) -> list[str]:
        """What a reader of the description should know of how the folder was read."""
        unread = sorted(set(find_modalities(self._folder)) - set(self._modalities))
        header = read_layout(self._inter, separator=self._options["separator"]).header
        split = self._options["split"]
        notes = [f"split {chosen_split(split, has_labels=self._options['columns']['x_label'] in header)}"]
        notes += [f"{', '.join(decided)} as in {OPTIONS_FILE}"] if decided else []
        notes += ["interactions mapped"] if self._options["interactions"] == "mapped" else []
        return notes + ([f"not read: {', '.join(unread)}"] if unread else [])

    @cached_property
    def items(self) -> list[dict[str, str]] | None:
        """What the items are, for people: a row of ``items.tsv`` (or ``{}``) for each; ``None`` without that file."""
        return read_items(self._folder, _item_ids(self._data), self._options["columns"])


def _item_ids(data: HeteroData) -> list[int]:
    """The items' ids as the files have them."""
    item = data["item"]
    return item.raw_id.tolist() if "raw_id" in item else list(range(item.num_nodes))
