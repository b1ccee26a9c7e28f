"""How a model reads rows of tables in a sampled step where processes have some rows each."""

from dataclasses import dataclass

from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.loader.divided_plan import ASKED
from mmgraph.processes.divided_tables import DividedTables
from mmgraph.processes.partition import AskedRows
from mmgraph.training.lazy_rows import LazyRows


def is_sample(graph: HeteroData) -> bool:
    """Whether a graph is a sample of what processes have divided (:class:`mmgraph.loader.DividedSampledLoader`)."""
    return all(ASKED in store for store in graph.node_stores)


@dataclass(frozen=True)
class DividedReading:
    """Rows come from their owners, to whom gradients go back, each row once, however many processes read it.

    Attributes:
        held: has this process's rows of tables.
        rows: moves those that were asked for.
        graph: the sample, which knows who asks for what.
    """

    held: DividedTables
    rows: LazyRows
    graph: HeteroData

    def __call__(self, table: Tensor, wanted: Tensor | None, /) -> Tensor:
        """Rows of a table, as models read them (:func:`mmgraph.nn.tables_read_by`).

        Raises:
            ConnectionError: if another process is gone; explains how to go on.
        """
        asked = self._asked(wanted)
        row, position = asked.different
        own = self.rows.read(table, row, self.held.parameter(table))
        return asked.sent(own.index_select(0, position), "tables")

    def _asked(self, wanted: Tensor | None) -> AskedRows:
        (found,) = [store[ASKED] for store in self.graph.node_stores if store[ASKED].wanted is wanted]
        return found
