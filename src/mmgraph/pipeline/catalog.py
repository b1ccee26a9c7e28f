"""Which models there are."""

from typing import NamedTuple


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
