"""How many nodes a convolution returns rows for, and how many edges each of them has."""

from torch import Tensor
from torch_geometric.utils import degree as count_edges

from mmgraph.nn.sparse.spmm import TensorCache

_degrees = TensorCache()
_NO_TARGETS = "x=(source, None): pass degree=(source_degree, target_degree), which says how many targets there are"


def count_degrees(edge_index: Tensor, source: Tensor, target: Tensor | None, *, shared: bool) -> tuple[Tensor, Tensor]:
    """In-degrees of the targets; of the sources, out-degrees if bipartite, in-degrees if they are the same nodes.

    Raises:
        ValueError: if there are no targets to count for.
    """
    if target is None:
        raise ValueError(_NO_TARGETS)

    def count() -> tuple[Tensor, Tensor]:
        of_target = count_edges(edge_index[1], target.size(0), dtype=source.dtype)
        of_source = of_target if shared else count_edges(edge_index[0], source.size(0), dtype=source.dtype)
        return of_source, of_target

    return _degrees(count, (edge_index,), source.size(0), target.size(0), shared, source.dtype)


def count_targets(target: Tensor | None, degree: tuple[Tensor, Tensor] | None) -> int:
    """Number of rows to return.

    Raises:
        ValueError: if neither targets nor degrees tell.
    """
    if target is not None:
        return target.size(0)
    if degree is None:
        raise ValueError(_NO_TARGETS)
    return degree[1].size(0)
