"""What recommending needs of a run, without its data set: kept in the run's folder, in :data:`FOLDER`."""

from mmgraph.pipeline.serving.content import Serving
from mmgraph.pipeline.serving.folder import FOLDER, keep, open_kept
from mmgraph.pipeline.serving.fused_histories import histories_of
from mmgraph.pipeline.serving.fusion import Fusion, fuse_servings
from mmgraph.pipeline.serving.ids import IdTable
from mmgraph.pipeline.serving.texts import Texts

__all__ = ["FOLDER", "Fusion", "IdTable", "Serving", "Texts", "fuse_servings", "histories_of", "keep", "open_kept"]
