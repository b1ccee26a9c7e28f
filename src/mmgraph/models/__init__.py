"""One file a paper; every model is a function of a graph (:class:`Recommender`)."""

from mmgraph.models.add_ease import AddEASE
from mmgraph.models.base import Recommender, item_features
from mmgraph.models.bm3 import BM3
from mmgraph.models.cease import CEASE
from mmgraph.models.content_knn import ContentKNN
from mmgraph.models.diffmm import DiffMM
from mmgraph.models.dragon import DRAGON
from mmgraph.models.dualgnn import DualGNN
from mmgraph.models.ease import EASE
from mmgraph.models.fism import FISM, OwnItemsLeftOut
from mmgraph.models.freedom import FREEDOM
from mmgraph.models.grcn import GRCN
from mmgraph.models.hccf import HCCF
from mmgraph.models.item_knn import ItemKNN
from mmgraph.models.l3ae import L3AE
from mmgraph.models.lattice import LATTICE
from mmgraph.models.layergcn import LayerGCN
from mmgraph.models.lgmrec import LGMRec
from mmgraph.models.lightgcn import LightGCN
from mmgraph.models.llmrec import LLMRec
from mmgraph.models.mf_bpr import MFBPR
from mmgraph.models.mgcn import MGCN
from mmgraph.models.mgnm import MGNM
from mmgraph.models.micro import MICRO
from mmgraph.models.mmgcl import MMGCL
from mmgraph.models.mmgcn import MMGCN
from mmgraph.models.mmssl import MMSSL
from mmgraph.models.ncl import NCL
from mmgraph.models.nsmar import NSMAR
from mmgraph.models.popularity import Popularity
from mmgraph.models.random import Chance, Random
from mmgraph.models.rednd import RedND
from mmgraph.models.scoring import InnerProduct, ItemWeights, PairScores, Scorer
from mmgraph.models.sgl import SGL
from mmgraph.models.sht import SHT
from mmgraph.models.simgcl import SimGCL
from mmgraph.models.slim import SLIM
from mmgraph.models.slmrec import SLMRec
from mmgraph.models.vbpr import VBPR

SCORERS: dict[str, type[Scorer]] = {
    scorer.kind: scorer for scorer in (InnerProduct, ItemWeights, PairScores, OwnItemsLeftOut, Chance)
}
"""Those that files may name, by kind."""

__all__ = [
    "BM3",
    "CEASE",
    "DRAGON",
    "EASE",
    "FISM",
    "FREEDOM",
    "GRCN",
    "HCCF",
    "L3AE",
    "LATTICE",
    "MFBPR",
    "MGCN",
    "MGNM",
    "MICRO",
    "MMGCL",
    "MMGCN",
    "MMSSL",
    "NCL",
    "NSMAR",
    "SGL",
    "SHT",
    "SLIM",
    "VBPR",
    "AddEASE",
    "ContentKNN",
    "DiffMM",
    "DualGNN",
    "ItemKNN",
    "LGMRec",
    "LLMRec",
    "LayerGCN",
    "LightGCN",
    "Popularity",
    "Random",
    "Recommender",
    "RedND",
    "SLMRec",
    "SimGCL",
    "item_features",
]
