"""A trained run ranked as it is, with permuted features and without modalities."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch_geometric.data import HeteroData

from mmgraph.evaluation import Evaluation
from mmgraph.evidence.altered import permuted, without
from mmgraph.evidence.effects import Change
from mmgraph.models import Recommender, item_features
from mmgraph.pipeline.parts import Parts

Found = Mapping[str, Evaluation]
"""An evaluation for each split."""


@dataclass(frozen=True, kw_only=True)
class Permutations:
    """How rows are permuted.

    Args:
        count: how often.
        graphs: see :func:`mmgraph.evidence.altered.permuted`.
        seed: of the draws; each run has draws of its own.
    """

    count: int
    graphs: str
    seed: int

    def orders(self, seed: int, num_items: int) -> Iterator[torch.Tensor]:
        """The same ones for each modality of a run, and for all together.

        Args:
            seed: of the run.
            num_items: I.
        """
        for index in range(self.count):
            yield torch.from_numpy(np.random.default_rng([self.seed, seed, index]).permutation(num_items))


@dataclass(frozen=True)
class RankedAgain:
    """What came of one run.

    Args:
        seed: of the run.
        base: as it is.
        changed: after each change: once for each permutation, or the one removal.
        refused: why a modality's branch was not removed, by modality.
    """

    seed: int
    base: Found
    changed: Mapping[Change, Sequence[Found]]
    refused: Mapping[str, str]


def rank_again(
    parts: Parts, seed: int, permutations: Permutations, splits: Sequence[str], on_step: Callable[[str], None]
) -> RankedAgain:
    """Ranks with each modality permuted, with all of them, and without each where the model can do without.

    Args:
        parts: of the run, with its trained weights; they are as they were afterwards.
        seed: of the run.
        permutations: how rows are permuted.
        splits: where to rank.
        on_step: called before each ranking, with what is ranked.
    """
    names = list(item_features(parts.graph))
    on_step("as it is")
    with torch.no_grad():
        base = _ranked(parts, parts.model, parts.model.inference_graph(parts.graph), splits)
    changed: dict[Change, list[Found]] = {}
    refused: dict[str, str] = {}
    together = [tuple(names)] if len(names) > 1 else []
    for chosen in [*((name,) for name in names), *together]:
        change = Change("permuted", chosen)
        changed[change] = []
        for order in permutations.orders(seed, parts.model.num_items):
            on_step(f"permuted {', '.join(chosen)}")
            with permuted(parts, chosen, order, graphs=permutations.graphs) as graph:
                changed[change].append(_ranked(parts, parts.model, graph, splits))
    for name in names:
        on_step(f"removed {name}")
        try:
            model, graph = without(parts, name)
        except ValueError as error:
            refused[name] = str(error)
            continue
        with torch.no_grad():
            changed[Change("removed", (name,))] = [_ranked(parts, model, model.inference_graph(graph), splits)]
    return RankedAgain(seed, base, changed, refused)


def _ranked(parts: Parts, model: Recommender, graph: HeteroData, splits: Sequence[str]) -> Found:
    return {split: parts.evaluator(model, graph, split) for split in splits}
