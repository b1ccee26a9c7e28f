"""What recommending needs of a run, without its data set: kept in the run's folder, in :data:`FOLDER`."""

from mmgraph.pipeline.serving.content import Serving
from mmgraph.pipeline.serving.folder import FOLDER, keep, open_kept
from mmgraph.pipeline.serving.ids import IdTable
from mmgraph.pipeline.serving.texts import Texts

__all__ = ["FOLDER", "IdTable", "Serving", "Texts", "keep", "open_kept"]
