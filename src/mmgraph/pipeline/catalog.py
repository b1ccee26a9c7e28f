"""Which models there are."""

import inspect
import re
import sys
from typing import NamedTuple

from mmgraph.config.compose import conf_dir
from mmgraph.config.instantiate import allowed_class
from mmgraph.config.targets import TARGET


class ModelInfo(NamedTuple):
    """What one should know of a model before choosing it.

    Attributes:
        name: what ``model=`` and ``mmgraph.run`` call it.
        paper: where it comes from.
        needs_modalities: whether items must have features.
        cost: ``closed form`` (no epochs), or an epoch on Amazon Sports (296,337 interactions, one thread of a CPU):
            ``light`` up to 20 s, ``medium`` up to 60 s, ``heavy`` beyond.
    """

    name: str
    paper: str
    needs_modalities: bool
    cost: str
