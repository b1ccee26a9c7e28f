"""Full ranking, vectorised metrics, and the protocol as an object."""

from mmgraph.evaluation.evaluator import Evaluation, Evaluator

__all__ = ["Evaluation", "Evaluator"]
