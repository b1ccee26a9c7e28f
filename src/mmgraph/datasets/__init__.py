"""Files, planted tastes or data in memory become ``HeteroData``."""

from mmgraph.datasets.in_hand import InHand
from mmgraph.datasets.message_graph import message_graph
from mmgraph.datasets.mmrec_folder import MMRecFolder
from mmgraph.datasets.synthetic import Synthetic

__all__ = ["InHand", "MMRecFolder", "Synthetic", "message_graph"]
