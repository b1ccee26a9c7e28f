"""Files or planted tastes become ``HeteroData``."""

from mmgraph.datasets.message_graph import message_graph
from mmgraph.datasets.mmrec_folder import MMRecFolder
from mmgraph.datasets.synthetic import Synthetic

__all__ = ["MMRecFolder", "Synthetic", "message_graph"]
