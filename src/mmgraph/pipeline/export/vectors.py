"""Final vectors with ids, as Parquet."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from mmgraph.files import atomic_write
from mmgraph.pipeline.serving import IdTable

if TYPE_CHECKING:
    from mmgraph.pipeline.result import Run

_ROWS = 2**16


def write_vectors(run: "Run", folder: Path) -> list[Path]:
    """Writes ``users.parquet`` and ``items.parquet``: the columns ``id`` and ``vector``, in the order of rows.

    Raises:
        ValueError: if the model's users and items are no vectors.
        ImportError: without pyarrow.
    """
    user, item = vectors_of(run)
    serving = run.serving
    paths = [folder / "users.parquet", folder / "items.parquet"]
    for path, table, vectors in zip(paths, (serving.users, serving.items), (user, item), strict=True):
        _write(path, table, vectors)
    return paths


def vectors_of(run: "Run") -> tuple[Tensor, Tensor]:
    """The final vectors of users and of items, where scores are their inner products.

    Raises:
        ValueError: if they are something else.
    """
    serving = run.serving
    if not serving.is_product:
        raise ValueError(
            f"{run.report.model} scores users and items otherwise than by the inner product of two vectors, so there "
            "are no vectors to export; formats=[pretrained] holds what it does need"
        )
    return serving.encoding.user, serving.encoding.item


def _write(path: Path, table: IdTable, vectors: Tensor) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    id_type = pa.string() if table.is_text else pa.int64()
    schema = pa.schema([("id", id_type), ("vector", pa.list_(pa.float32(), vectors.size(1)))])
    with atomic_write(path, "wb") as file, pq.ParquetWriter(file, schema) as writer:
        for start in range(0, len(table), _ROWS):
            part = vectors[start : start + _ROWS].float().contiguous().numpy()
            ids = _ids(table, start, start + len(part))
            flat = pa.FixedSizeListArray.from_arrays(pa.array(part.reshape(-1)), vectors.size(1))
            writer.write_table(pa.table([pa.array(ids, id_type), flat], schema=schema))


def _ids(table: IdTable, start: int, end: int) -> Sequence[str] | np.ndarray:
    if isinstance(table.values, np.ndarray):
        return table.values[start:end]
    return [table.values[row] for row in range(start, end)]
