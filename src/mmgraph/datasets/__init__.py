"""Files, planted tastes or data in memory become ``HeteroData``."""

from mmgraph.datasets.control import Control
from mmgraph.datasets.controls import Constant, Drop, Missing, Noise, Shuffle
from mmgraph.datasets.in_hand import InHand
from mmgraph.datasets.message_graph import message_graph
from mmgraph.datasets.mmrec_folder import MMRecFolder
from mmgraph.datasets.synthetic import Synthetic

__all__ = [
    "Constant",
    "Control",
    "Drop",
    "InHand",
    "MMRecFolder",
    "Missing",
    "Noise",
    "Shuffle",
    "Synthetic",
    "message_graph",
]
