"""mmgraph: multimodal recommendation on PyTorch Geometric.

Nothing is imported before it is used: ``import mmgraph`` takes milliseconds, ``mmgraph.RedND`` brings torch along.
The layers are in :mod:`mmgraph.nn`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from mmgraph.datasets import InHand as InHand, MMRecFolder as MMRecFolder, Synthetic as Synthetic, message_graph as message_graph
    from mmgraph.evaluation import Evaluation as Evaluation, Evaluator as Evaluator
    from mmgraph.loader import FullGraphLoader as FullGraphLoader, SampledGraphLoader as SampledGraphLoader
    from mmgraph.losses import BCE as BCE, BPR as BPR, L2 as L2, Adversary as Adversary, Bootstrap as Bootstrap, Critic as Critic, Denoising as Denoising, InBatchNCE as InBatchNCE, InfoNCE as InfoNCE, LayerDecorrelation as LayerDecorrelation, LossTerm as LossTerm, ModalityBPR as ModalityBPR, Objective as Objective, OrderAgreement as OrderAgreement, PrototypeNCE as PrototypeNCE, PrunedBPR as PrunedBPR, Restoration as Restoration
    from mmgraph.models import BM3 as BM3, DRAGON as DRAGON, FISM as FISM, FREEDOM as FREEDOM, GRCN as GRCN, HCCF as HCCF, LATTICE as LATTICE, MFBPR as MFBPR, MGCN as MGCN, MGNM as MGNM, MICRO as MICRO, MMGCL as MMGCL, MMGCN as MMGCN, MMSSL as MMSSL, NCL as NCL, NSMAR as NSMAR, SGL as SGL, SHT as SHT, SLIM as SLIM, VBPR as VBPR, DiffMM as DiffMM, DualGNN as DualGNN, ItemKNN as ItemKNN, LGMRec as LGMRec, LLMRec as LLMRec, LayerGCN as LayerGCN, LightGCN as LightGCN, Popularity as Popularity, Random as Random, Recommender as Recommender, RedND as RedND, SLMRec as SLMRec, SimGCL as SimGCL
    from mmgraph.pipeline.api import load as load, run as run
    from mmgraph.pipeline.catalog import list_models as list_models
    from mmgraph.pipeline.recommend import Recommendations as Recommendations, recommend as recommend
    from mmgraph.pipeline.result import Run as Run
    from mmgraph.training import FitResult as FitResult, Trainer as Trainer
    from mmgraph.transforms import Augmentation as Augmentation, CoInteractionGraph as CoInteractionGraph, Degrees as Degrees, EdgeDrop as EdgeDrop, KNNGraph as KNNGraph, LLMAugmentation as LLMAugmentation
    from mmgraph.typing import Encoding as Encoding, Triplets as Triplets

_HOME = {
    "mmgraph.datasets": ["InHand", "MMRecFolder", "Synthetic", "message_graph"],
    "mmgraph.evaluation": ["Evaluation", "Evaluator"],
    "mmgraph.loader": ["FullGraphLoader", "SampledGraphLoader"],
    "mmgraph.losses": ["BCE", "BPR", "L2", "Adversary", "Bootstrap", "Critic", "Denoising", "InBatchNCE", "InfoNCE", "LayerDecorrelation", "LossTerm", "ModalityBPR", "Objective", "OrderAgreement", "PrototypeNCE", "PrunedBPR", "Restoration"],
    "mmgraph.models": ["BM3", "DRAGON", "FISM", "FREEDOM", "GRCN", "HCCF", "LATTICE", "MFBPR", "MGCN", "MGNM", "MICRO", "MMGCL", "MMGCN", "MMSSL", "NCL", "NSMAR", "SGL", "SHT", "SLIM", "VBPR", "DiffMM", "DualGNN", "ItemKNN", "LGMRec", "LLMRec", "LayerGCN", "LightGCN", "Popularity", "Random", "Recommender", "RedND", "SLMRec", "SimGCL"],
    "mmgraph.pipeline.api": ["load", "run"],
    "mmgraph.pipeline.catalog": ["list_models"],
    "mmgraph.pipeline.recommend": ["Recommendations", "recommend"],
    "mmgraph.pipeline.result": ["Run"],
    "mmgraph.training": ["FitResult", "Trainer"],
    "mmgraph.transforms": ["Augmentation", "CoInteractionGraph", "Degrees", "EdgeDrop", "KNNGraph", "LLMAugmentation"],
    "mmgraph.typing": ["Encoding", "Triplets"],
}
_ROOMS = ("datasets", "evaluation", "loader", "losses", "models", "nn", "training", "transforms", "typing")
_PLACES = {name: module for module, names in _HOME.items() for name in names}

if not TYPE_CHECKING:  # a checker would take any name for one of these

    def __getattr__(name: str) -> Any:
        """Imports a public name when it is asked for first."""
        if name in _ROOMS:
            return import_module(f"mmgraph.{name}")
        if name not in _PLACES:
            raise AttributeError(f"module 'mmgraph' has no attribute {name!r}")
        found = getattr(import_module(_PLACES[name]), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted([*_PLACES, *_ROOMS, "__version__"])
