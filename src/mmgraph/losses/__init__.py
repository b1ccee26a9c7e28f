"""What training minimises: pure functions, terms over named views, and their weighted sum."""

from mmgraph.losses.adversarial import Adversary, Critic, gradient_penalty
from mmgraph.losses.agreement import OrderAgreement
from mmgraph.losses.base import LossTerm
from mmgraph.losses.bootstrap import Bootstrap
from mmgraph.losses.contrast import InfoNCE
from mmgraph.losses.correlation import feature_decorrelation
from mmgraph.losses.decorrelation import LayerDecorrelation
from mmgraph.losses.denoising import Denoising
from mmgraph.losses.functional import binary_cross_entropy, bpr, info_nce, l2
from mmgraph.losses.in_batch import InBatchNCE
from mmgraph.losses.objective import Objective
from mmgraph.losses.prototype import PrototypeNCE
from mmgraph.losses.pruned import PrunedBPR, Restoration
from mmgraph.losses.ranking import BCE, BPR, ModalityBPR
from mmgraph.losses.regularization import L2
from mmgraph.losses.streaming import streaming_info_nce

__all__ = [
    "BCE",
    "BPR",
    "L2",
    "Adversary",
    "Bootstrap",
    "Critic",
    "Denoising",
    "InBatchNCE",
    "InfoNCE",
    "LayerDecorrelation",
    "LossTerm",
    "ModalityBPR",
    "Objective",
    "OrderAgreement",
    "PrototypeNCE",
    "PrunedBPR",
    "Restoration",
    "binary_cross_entropy",
    "bpr",
    "feature_decorrelation",
    "gradient_penalty",
    "info_nce",
    "l2",
    "streaming_info_nce",
]
