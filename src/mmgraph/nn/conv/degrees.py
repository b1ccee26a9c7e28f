"""How many nodes a convolution returns rows for, and how many edges each of them has."""

from torch import Tensor
from torch_geometric.utils import degree as count_edges

from mmgraph.nn.common.sampled_sum import SAMPLE_SCALE
from mmgraph.nn.conv.weighted_sum import Inputs
from mmgraph.nn.sparse.spmm import TensorCache

Degrees = tuple[Tensor, Tensor]
"""Number of edges of each source ``(S,)`` and of each target ``(T,)`` in the full graph."""

_degrees = TensorCache()


def count_degrees(inputs: Inputs, num_targets: int) -> Degrees:
    """In-degrees of the targets; of the sources, out-degrees if bipartite, in-degrees if they are the same nodes.

    Of edges that were sampled, the targets' in-degrees in the full graph.
    """
    source, _, edges, shared = inputs

    def count() -> Degrees:
        of_target = count_edges(edges.edge_index[1], num_targets, dtype=source.dtype)
        of_source = of_target if shared else count_edges(edges.edge_index[0], source.size(0), dtype=source.dtype)
        return of_source, of_target

    of_source, of_target = _degrees(count, (edges.edge_index,), source.size(0), num_targets, shared, source.dtype)
    return of_source, of_target * edges.store[SAMPLE_SCALE] if SAMPLE_SCALE in edges.store else of_target


def count_targets(inputs: Inputs, degree: Degrees | None) -> int:
    """Number of rows to return.

    Raises:
        ValueError: if neither targets nor degrees nor a matrix have it.
    """
    if inputs.target is not None:
        return inputs.target.size(0)
    if degree is not None:
        return degree[1].size(0)
    if inputs.edges.size is not None:
        return inputs.edges.size[0]
    raise ValueError("x=(source, None): pass degree=(source_degree, target_degree), whose sizes are those of the nodes")
