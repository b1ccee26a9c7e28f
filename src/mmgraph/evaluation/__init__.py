"""Full ranking, vectorised metrics, the protocol as an object, and the report of a run."""

from mmgraph.evaluation.evaluator import Evaluation, Evaluator
from mmgraph.evaluation.report import RunReport, load_report, summary_line, summary_table

__all__ = ["Evaluation", "Evaluator", "RunReport", "load_report", "summary_line", "summary_table"]
