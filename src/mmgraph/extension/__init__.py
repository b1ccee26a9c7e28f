"""New users and new items, without training a model again."""

from mmgraph.extension.extend import MODES, Extended, extend
from mmgraph.extension.fold_in import FoldIn
from mmgraph.extension.histories import Histories
from mmgraph.extension.new_nodes import NewNodes

__all__ = ["MODES", "Extended", "FoldIn", "Histories", "NewNodes", "extend"]
