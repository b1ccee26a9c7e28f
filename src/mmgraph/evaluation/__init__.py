"""Full ranking, vectorised metrics, and the protocol as an object."""

from mmgraph.evaluation.evaluator import Evaluation, Evaluator
from mmgraph.evaluation.hits import Hits

__all__ = ["Evaluation", "Evaluator", "Hits"]
