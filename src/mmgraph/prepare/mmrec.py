"""A folder in MMRec's layout as the input: its options hold, its original ids stay, its features go along."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import yaml

from mmgraph.datasets.features import MASK_SUFFIX, SUFFIX, count_rows, find_modalities
from mmgraph.datasets.folder_options import FILE, folder_options
from mmgraph.datasets.numbering import first_item
from mmgraph.files import atomic_write
from mmgraph.prepare.engine import Engine
from mmgraph.prepare.inputs import Inputs
from mmgraph.prepare.layout import ITEMS, NUMBERS, ORIGINAL, USERS
from mmgraph.prepare.sources.delimited import delimited
from mmgraph.prepare.sources.dialect import Dialect
from mmgraph.reading import open_array, open_matrix, read_layout, row_blocks

_OF_FEATURES = ("features", "missing", "modalities")
_OF_READING = ("columns", "separator", "name")
_FILES = {"user": USERS, "item": ITEMS}


class MMRecInput:
    """What such a folder brings.

    Args:
        inter: its one ``.inter`` file.
    """

    def __init__(self, inter: Path) -> None:
        self.inter = inter
        self.folder = inter.parent
        self.options, self.decided = folder_options(self.folder, {})

    def adapt(self, inputs: Inputs) -> Inputs:
        """The inputs as this folder means them; what a word gives stays."""
        separator = self.options["separator"]
        layout = read_layout(self.inter, separator=separator)
        named = {meaning: name for meaning, name in self.options["columns"].items() if name in layout.header}
        named.pop("category", None)
        table = self.folder / ITEMS
        own_table = not inputs.items and table.exists()
        changed = replace(
            inputs,
            interactions={"interactions": [self.inter]},
            columns={**named, **inputs.columns},
            reading=replace(inputs.reading, separator=separator, quote='"' if layout.quoted else ""),
        )
        if not own_table:
            return changed
        reading = replace(inputs.item_reading, separator="\t", quote='"' if read_layout(table).quoted else "")
        ids = {} if self._has_originals("item") else {"item": self.options["columns"]["item"]}
        return replace(changed, items=[table], item_columns={**ids, **inputs.item_columns}, item_reading=reading)

    def notes(self) -> list[str]:
        """What of its ``dataset.yaml`` is left to words."""
        ignored = [name for name in self.decided if name not in (*_OF_FEATURES, *_OF_READING)]
        return [f"not applied: {', '.join(ignored)} of {self.folder / FILE}; give them as words"] if ignored else []

    def translate(self, engine: Engine) -> None:
        """Puts original ids in the place of the numbers in ``raw``.

        Raises:
            ValueError: a number has none.
        """
        for side in ("user", "item"):
            if not self._has_originals(side):
                continue
            path = self.folder / _FILES[side]
            source = delimited(path, Dialect("\t", '"' if read_layout(path).quoted else ""), name=str(path))
            number, original = (source.columns[name] for name in (NUMBERS[side], ORIGINAL))
            engine.run(
                f"CREATE TABLE old_{side}s AS SELECT {number} AS number, {original} AS id FROM {source.relation}"
            )
            known = f"SELECT number FROM old_{side}s"
            if lost := engine.rows(f"SELECT {side}_id FROM raw WHERE {side}_id NOT IN ({known}) LIMIT 1"):
                raise ValueError(f"{path}: {side} {lost[0][0]} of {self.inter} has no row")
            engine.run(f"UPDATE raw SET {side}_id = old.id FROM old_{side}s AS old WHERE old.number = {side}_id")

    def take_features(self, engine: Engine, out: Path) -> None:
        """Writes the features of the items that are kept, and how they are to be read, to a folder.

        Raises:
            ValueError: the features have too few rows.
        """
        names = find_modalities(self.folder, self.options["modalities"])
        if names:
            first = first_item(self._numbers(engine, "item_ids"), count_rows(self.folder, names), self.folder)
            rows = self._numbers(engine, "items ORDER BY items.number") - first
            for name in names:
                _take_rows(self.folder / f"{name}{SUFFIX}", rows, out / f"{name}{SUFFIX}")
                mask = self.folder / f"{name}{MASK_SUFFIX}"
                if mask.exists():
                    np.save(out / mask.name, open_array(mask)[rows])
        if kept := {name: self.options[name] for name in self.decided if name in _OF_FEATURES}:
            with atomic_write(out / FILE) as file:
                yaml.safe_dump(kept, file, sort_keys=False)

    def _numbers(self, engine: Engine, items: str) -> np.ndarray:
        """The numbers in this folder of items of a table, with its order."""
        table, _, order = items.partition(" ")
        number = f"{table}.id"
        if self._has_originals("item"):
            number = f"(SELECT old.number FROM old_items AS old WHERE old.id = {table}.id)"
        return engine.arrays(f"SELECT CAST({number} AS BIGINT) AS number FROM {table} {order}")["number"]

    def _has_originals(self, side: str) -> bool:
        path = self.folder / _FILES[side]
        return path.exists() and {NUMBERS[side], ORIGINAL} <= set(read_layout(path).header)


def _take_rows(source: Path, rows: np.ndarray, target: Path) -> None:
    """Writes rows of a matrix, some at a time."""
    matrix = open_matrix(source)
    taken = np.lib.format.open_memmap(target, "w+", matrix.dtype, (len(rows), matrix.shape[1]))
    for block in row_blocks(taken, item_bytes=matrix.itemsize):
        taken[block] = matrix[rows[block]]
    taken.flush()
