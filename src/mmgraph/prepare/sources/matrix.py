"""Matrices of SciPy: users are rows, items columns. Pickled ones are refused: reading one runs what it says."""

from pathlib import Path

import numpy as np

from mmgraph.prepare.engine import Engine, identifier
from mmgraph.prepare.sources.source import Source, text_of

PICKLED = tuple(b"\x80" + bytes([protocol]) for protocol in range(2, 6))
"""How pickles begin."""
_CONVERT = "import pickle, scipy.sparse as s; s.save_npz('{stem}.npz', s.csr_matrix(pickle.load(open('{name}', 'rb'))))"


def matrix(path: Path, engine: Engine) -> Source:
    """A sparse matrix in an ``.npz`` file; entries that are not all 1 become ratings.

    Args:
        path: the file.
        engine: which it becomes a table of.

    Raises:
        ValueError: it is no such matrix.
    """
    import scipy.sparse

    try:
        found = scipy.sparse.load_npz(path).tocoo()  # unpickles nothing
    except Exception as error:  # a damaged one fails in a dozen ways
        raise ValueError(f"{path}: cannot be read as a sparse matrix of scipy.sparse.save_npz: {error}") from error
    found.sum_duplicates()
    found.eliminate_zeros()
    table = {"user": found.row.astype(np.int64), "item": found.col.astype(np.int64)}
    if (found.data != 1).any():
        table["rating"] = found.data.astype(np.float64)
    engine.register(str(path), table)
    return Source(identifier(str(path)), {column: text_of(column) for column in table})


def refuse_pickle(path: Path) -> None:
    """Raises for a pickle.

    Raises:
        ValueError: always; how a pickle of a trusted maker becomes a matrix that can be read.
    """
    raise ValueError(
        f"{path}: is a pickle, and reading one runs whatever it says, so it is not read. Where you trust its maker, "
        f'write the matrix once as .npz: python -c "{_CONVERT.format(stem=path.stem, name=path.name)}"'
    )
