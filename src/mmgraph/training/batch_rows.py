"""The vectors that a batch reads, from the processes that have them."""

from collections.abc import Mapping

from torch import Tensor

from mmgraph.loader.own_nodes import number_nodes
from mmgraph.processes.partition import DividedRows, looked_up, looked_up_first
from mmgraph.typing import Encoding, Sides, Triplets, View


def batch_rows(
    encoding: Encoding, batch: Triplets, rows: Mapping[str, DividedRows], *, sampled: bool = False
) -> tuple[Encoding, Triplets]:
    """A batch's rows of an encoding of which each process has some, and the batch in their numbers.

    Each process gets all of them, and so computes the same losses, as they are written: a mean, a sum or a norm.

    Args:
        encoding: this process's rows.
        batch: rows as all processes count, the same in all.
        rows: which process has which, by kind of node.
        sampled: whether the encoding is of a sample that begins with this process's nodes of the batch, not of all
            that it has.
    """
    nodes, own = number_nodes(batch)
    look_up = looked_up_first if sampled else looked_up
    known: dict[int, Tensor] = {}

    def of(side: str, x: Tensor) -> Tensor:
        if id(x) not in known:  # a view may be the final vectors themselves
            known[id(x)] = look_up(x, nodes[side], rows[side])
        return known[id(x)]

    def of_view(view: View) -> View:
        if isinstance(view, Sides):
            return Sides(of("user", view.user), of("item", view.item))
        return {side: of(side, x) for side, x in view.items()}

    views = {name: of_view(view) for name, view in encoding.views.items()}
    found = Encoding(of("user", encoding.user), of("item", encoding.item), views)
    return found, own._replace(nodes=None)
