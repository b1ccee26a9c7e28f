"""The analyses behind the figures of the papers: each is a function of finished runs that gives an ``Analysis``."""

from mmgraph.evidence.analyses.base import Analysis

__all__ = ["Analysis"]
