"""What one training step sees: a graph and a batch of triplets."""

from mmgraph.loader.divided_neighbor import DividedSampledLoader
from mmgraph.loader.full_graph import FullGraphLoader
from mmgraph.loader.neighbor import SampledGraphLoader
from mmgraph.loader.own_nodes import own_nodes
from mmgraph.loader.sampler import NegativeSampler
from mmgraph.loader.streamed import StreamedLoader

__all__ = [
    "DividedSampledLoader",
    "FullGraphLoader",
    "NegativeSampler",
    "SampledGraphLoader",
    "StreamedLoader",
    "own_nodes",
]
