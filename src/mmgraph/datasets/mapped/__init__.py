"""Interactions that stay in files: sorted there in bounded memory, and opened without being read."""

from mmgraph.datasets.mapped.build import Source, build
from mmgraph.datasets.mapped.graph import mapped_graph
from mmgraph.datasets.mapped.kept import MappedInteractions, kept_or_built
from mmgraph.datasets.mapped.of_folder import interactions_of

__all__ = ["MappedInteractions", "Source", "build", "interactions_of", "kept_or_built", "mapped_graph"]
