"""What a trained model's vectors are after each round of messages over the interactions."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.evaluation.evaluator import evaluation_mode
from mmgraph.models import Recommender
from mmgraph.nn import BipartitePropagation
from mmgraph.typing import Encoding, Sides

Refine = Callable[[Sides], Sides]
OnLayer = Callable[[str, int, int, Sides], None]


def encode_by_layer(model: Recommender, graph: HeteroData, on_layer: OnLayer) -> Encoding:
    """Encodes once more, and shows every round of every :class:`~mmgraph.nn.BipartitePropagation` on the way.

    Args:
        model: in whatever mode; it is encoded with in evaluation mode.
        graph: the message graph.
        on_layer: is given the module's name, how often it has been called before (a module that runs for each modality
            runs several times), the layer (0: what comes in) and its users and items, which it must not keep if memory
            is short.

    Returns:
        The encoding, the same as ever but for rounding.
    """
    with torch.no_grad(), evaluation_mode(model), _watched(model, on_layer):
        return model(model.inference_graph(graph))


@contextmanager
def _watched(model: Recommender, on_layer: OnLayer) -> Iterator[None]:
    found = {name: part for name, part in model.named_modules() if isinstance(part, BipartitePropagation)}
    for name, part in found.items():
        _watch(part, name, on_layer)
    try:
        yield
    finally:
        for part in found.values():
            del part.layers, part.sum  # the class's own are behind them


def _watch(part: BipartitePropagation, name: str, on_layer: OnLayer) -> None:
    layers = part.layers
    total = part.sum
    calls = 0

    def watched_layers(
        user: Tensor, item: Tensor, graph: HeteroData, *, refine: Refine | None = None, **others: object
    ) -> Iterator[Sides]:
        nonlocal calls
        call, layer = calls, 0
        calls += 1

        def note(sides: Sides) -> Sides:
            nonlocal layer
            refined = sides if refine is None else refine(sides)
            layer += 1
            on_layer(name, call, layer, refined)
            return refined

        on_layer(name, call, 0, Sides(user, item))
        return layers(user, item, graph, refine=note, **others)  # type: ignore[arg-type]

    def watched_sum(
        user: Tensor, item: Tensor, graph: HeteroData, *, refine: Refine | None = None, **others: object
    ) -> Sides:
        # Something to do for each layer, if only to give it back, keeps the sum from being one product of all rounds.
        return total(user, item, graph, refine=_same if refine is None else refine, **others)  # type: ignore[arg-type]

    part.layers = watched_layers  # type: ignore[method-assign, assignment]
    part.sum = watched_sum  # type: ignore[method-assign, assignment]


def _same(sides: Sides) -> Sides:
    return sides
