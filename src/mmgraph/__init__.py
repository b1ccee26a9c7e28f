"""mmgraph: multimodal recommendation on PyTorch Geometric.

Nothing is imported before it is used: ``import mmgraph`` takes milliseconds, ``mmgraph.RedND`` brings torch along.
The layers are in :mod:`mmgraph.nn`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"

if TYPE_CHECKING:
    from mmgraph.datasets import InHand as InHand
    from mmgraph.datasets import MMRecFolder as MMRecFolder
    from mmgraph.datasets import Synthetic as Synthetic
    from mmgraph.datasets import message_graph as message_graph
    from mmgraph.evaluation import Evaluation as Evaluation
    from mmgraph.evaluation import Evaluator as Evaluator
    from mmgraph.evidence.attribution import attribute as attribute
    from mmgraph.evidence.compare import compare as compare
    from mmgraph.evidence.fuse import fuse as fuse
    from mmgraph.evidence.groups import groups as groups
    from mmgraph.evidence.page.write import write_report as write_report
    from mmgraph.evidence.reproduce.api import reproduce as reproduce
    from mmgraph.loader import FullGraphLoader as FullGraphLoader
    from mmgraph.loader import SampledGraphLoader as SampledGraphLoader
    from mmgraph.losses import BCE as BCE
    from mmgraph.losses import BPR as BPR
    from mmgraph.losses import L2 as L2
    from mmgraph.losses import Adversary as Adversary
    from mmgraph.losses import Bootstrap as Bootstrap
    from mmgraph.losses import Critic as Critic
    from mmgraph.losses import Denoising as Denoising
    from mmgraph.losses import InBatchNCE as InBatchNCE
    from mmgraph.losses import InfoNCE as InfoNCE
    from mmgraph.losses import LayerDecorrelation as LayerDecorrelation
    from mmgraph.losses import LossTerm as LossTerm
    from mmgraph.losses import ModalityBPR as ModalityBPR
    from mmgraph.losses import Objective as Objective
    from mmgraph.losses import OrderAgreement as OrderAgreement
    from mmgraph.losses import PrototypeNCE as PrototypeNCE
    from mmgraph.losses import PrunedBPR as PrunedBPR
    from mmgraph.losses import Restoration as Restoration
    from mmgraph.models import BM3 as BM3
    from mmgraph.models import CEASE as CEASE
    from mmgraph.models import DRAGON as DRAGON
    from mmgraph.models import EASE as EASE
    from mmgraph.models import FISM as FISM
    from mmgraph.models import FREEDOM as FREEDOM
    from mmgraph.models import GRCN as GRCN
    from mmgraph.models import HCCF as HCCF
    from mmgraph.models import L3AE as L3AE
    from mmgraph.models import LATTICE as LATTICE
    from mmgraph.models import MFBPR as MFBPR
    from mmgraph.models import MGCN as MGCN
    from mmgraph.models import MGNM as MGNM
    from mmgraph.models import MICRO as MICRO
    from mmgraph.models import MMGCL as MMGCL
    from mmgraph.models import MMGCN as MMGCN
    from mmgraph.models import MMSSL as MMSSL
    from mmgraph.models import NCL as NCL
    from mmgraph.models import NSMAR as NSMAR
    from mmgraph.models import SGL as SGL
    from mmgraph.models import SHT as SHT
    from mmgraph.models import SLIM as SLIM
    from mmgraph.models import VBPR as VBPR
    from mmgraph.models import AddEASE as AddEASE
    from mmgraph.models import ContentKNN as ContentKNN
    from mmgraph.models import DiffMM as DiffMM
    from mmgraph.models import DualGNN as DualGNN
    from mmgraph.models import ItemKNN as ItemKNN
    from mmgraph.models import LayerGCN as LayerGCN
    from mmgraph.models import LGMRec as LGMRec
    from mmgraph.models import LightGCN as LightGCN
    from mmgraph.models import LLMRec as LLMRec
    from mmgraph.models import Popularity as Popularity
    from mmgraph.models import Random as Random
    from mmgraph.models import Recommender as Recommender
    from mmgraph.models import RedND as RedND
    from mmgraph.models import SimGCL as SimGCL
    from mmgraph.models import SLMRec as SLMRec
    from mmgraph.pipeline.api import from_pretrained as from_pretrained
    from mmgraph.pipeline.api import load as load
    from mmgraph.pipeline.api import run as run
    from mmgraph.pipeline.catalog import list_models as list_models
    from mmgraph.pipeline.recommend import Recommendations as Recommendations
    from mmgraph.pipeline.recommend import recommend as recommend
    from mmgraph.pipeline.result import Run as Run
    from mmgraph.prepare.api import prepare_data as prepare_data
    from mmgraph.prepare.features.compare import compare_encoders as compare_encoders
    from mmgraph.prepare.features.encode import encode_items as encode_items
    from mmgraph.prepare.features.new_items import encode_new_items as encode_new_items
    from mmgraph.training import FitResult as FitResult
    from mmgraph.training import Trainer as Trainer
    from mmgraph.transforms import Augmentation as Augmentation
    from mmgraph.transforms import CoInteractionGraph as CoInteractionGraph
    from mmgraph.transforms import Degrees as Degrees
    from mmgraph.transforms import EdgeDrop as EdgeDrop
    from mmgraph.transforms import KNNGraph as KNNGraph
    from mmgraph.transforms import LLMAugmentation as LLMAugmentation
    from mmgraph.typing import Encoding as Encoding
    from mmgraph.typing import Triplets as Triplets

_HOME = {
    "mmgraph.datasets": "InHand MMRecFolder Synthetic message_graph",
    "mmgraph.evaluation": "Evaluation Evaluator",
    "mmgraph.evidence.attribution": "attribute",
    "mmgraph.evidence.compare": "compare",
    "mmgraph.evidence.fuse": "fuse",
    "mmgraph.evidence.groups": "groups",
    "mmgraph.evidence.reproduce.api": "reproduce",
    "mmgraph.evidence.page.write": "write_report",
    "mmgraph.loader": "FullGraphLoader SampledGraphLoader",
    "mmgraph.losses": """
        BCE BPR L2 Adversary Bootstrap Critic Denoising InBatchNCE InfoNCE LayerDecorrelation LossTerm
        ModalityBPR Objective OrderAgreement PrototypeNCE PrunedBPR Restoration
    """,
    "mmgraph.models": """
        BM3 CEASE DRAGON EASE FISM FREEDOM GRCN HCCF L3AE LATTICE MFBPR MGCN MGNM MICRO MMGCL MMGCN MMSSL NCL NSMAR
        SGL SHT SLIM VBPR AddEASE ContentKNN DiffMM DualGNN ItemKNN LGMRec LLMRec LayerGCN LightGCN Popularity Random
        Recommender RedND SLMRec SimGCL
    """,
    "mmgraph.pipeline.api": "from_pretrained load run",
    "mmgraph.pipeline.catalog": "list_models",
    "mmgraph.pipeline.recommend": "Recommendations recommend",
    "mmgraph.pipeline.result": "Run",
    "mmgraph.prepare.api": "prepare_data",
    "mmgraph.prepare.features.compare": "compare_encoders",
    "mmgraph.prepare.features.encode": "encode_items",
    "mmgraph.prepare.features.new_items": "encode_new_items",
    "mmgraph.training": "FitResult Trainer",
    "mmgraph.transforms": "Augmentation CoInteractionGraph Degrees EdgeDrop KNNGraph LLMAugmentation",
    "mmgraph.typing": "Encoding Triplets",
}
"""Public names by the module that holds them."""

_ROOMS = ("datasets", "evaluation", "extension", "loader", "losses", "models", "nn", "training", "transforms", "typing")
_PLACES = {name: module for module, names in _HOME.items() for name in names.split()}

if not TYPE_CHECKING:  # a checker would take any name for one of these
    __all__ = [*_PLACES, *_ROOMS]

    def __getattr__(name: str) -> Any:
        """Imports a public name when it is asked for first."""
        if name in _ROOMS:
            return import_module(f"mmgraph.{name}")
        if name not in _PLACES:
            raise AttributeError(f"module 'mmgraph' has no attribute {name!r}{_hint(name)}")
        found = getattr(import_module(_PLACES[name]), name)
        globals()[name] = found
        return found


def _hint(name: str) -> str:
    """What may have been meant; layers are one door further."""
    if name.startswith("_"):
        return ""  # many a tool asks for such names
    from difflib import get_close_matches

    names = {public.lower(): public for public in __dir__()}
    close = get_close_matches(name.lower(), names, n=1)
    meant = f"; did you mean {names[close[0]]}?" if close else ""
    return f"{meant} (layers are in mmgraph.nn)"


def __dir__() -> list[str]:
    return sorted([*_PLACES, *_ROOMS, "__version__"])
