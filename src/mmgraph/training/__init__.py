"""The loop, its checkpoint and its logs."""

from mmgraph.training.checkpoint import CHECKPOINT, TrainingState, load_checkpoint, read_checkpoint, save_checkpoint
from mmgraph.training.dividing import divide
from mmgraph.training.fit_result import FitResult
from mmgraph.training.log import CSVLog, JSONLog, TensorBoardLog
from mmgraph.training.seed import INITIALISATION, generators_kept, seed_everything
from mmgraph.training.tracking import MLflowLog, WandbLog
from mmgraph.training.trainer import Trainer

__all__ = [
    "CHECKPOINT",
    "INITIALISATION",
    "CSVLog",
    "FitResult",
    "JSONLog",
    "MLflowLog",
    "TensorBoardLog",
    "Trainer",
    "TrainingState",
    "WandbLog",
    "divide",
    "generators_kept",
    "load_checkpoint",
    "read_checkpoint",
    "save_checkpoint",
    "seed_everything",
]
