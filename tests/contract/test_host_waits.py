"""Steps queue their work on a GPU and go on: no step asks for a number, or for a size that hangs on what was computed.

At such an operation the host waits until all that was queued before it is done. They are the same operations on any
device, so they are counted here without one.
"""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from mmgraph.losses import in_batch, rows, streaming
from mmgraph.losses.rows import Distinct
from mmgraph.losses.streaming import _Subspace
from mmgraph.training.step import TrainingStep
from tests.contract.conftest import TRAINED, small_parts

WAITS = {
    "aten::_local_scalar_dense",
    "aten::_unique2",
    "aten::bincount",
    "aten::equal",
    "aten::masked_select",
    "aten::nonzero",
    "aten::unique_consecutive",
    "aten::unique_dim",
}
MARKED = {"aten::index", "aten::index_put", "aten::index_put_"}  # by truth values, which are counted first
WHY = {
    "bm3": {"aten::_unique2"},  # the batch's distinct nodes, of which alone its heads are made
    "freedom": {"aten::_unique2"},
    "hccf": {"aten::_unique2", "aten::bincount"},  # nodes of the batch that count once; a graph drawn in each step
    "llmrec": {"aten::nonzero"},  # guessed triplets of the batch's users
    "mmssl": {"aten::_unique2", "aten::bincount"},  # the batch's users, each once; what they saw, by row and by item
    "mmgcl": {"aten::_unique2"},  # as bm3
    "simgcl": {"aten::_unique2"},  # as hccf
    "slmrec": {"aten::_unique2"},  # as bm3
}


class Waits(TorchDispatchMode):
    def __init__(self):
        super().__init__()
        self.found = set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        name = function._schema.name
        self.found |= {name} & WAITS
        if name in MARKED and any(mark is not None and mark.dtype == torch.bool for mark in args[1]):
            self.found.add(name)
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("model", TRAINED)
def test_a_step_waits_for_nothing_but_what_is_known(model, monkeypatch):
    # What these are on a GPU.
    for module in (rows, in_batch):
        monkeypatch.setattr(module, "distinct", lambda nodes: Distinct(nodes, None, None))
    monkeypatch.setattr(streaming, "_subspaces", lambda a, c: (_Subspace(a, None), _Subspace(c, None)))
    parts = small_parts(model)
    trainer = parts.trainer
    step = TrainingStep(parts.model, parts.objective, trainer.make_optimizers(parts.model), trainer.fabric)
    parts.model.train()
    with torch.no_grad():
        graph = parts.model.training_graph(parts.graph, 0)
    groups = [group for group in step.optimizers if parts.model.group_batches(graph, group, 0) is None]
    batches = iter(parts.loader.epoch(graph, 0))
    step(*next(batches), groups)  # makes the matrices that all steps of an epoch share
    subgraph, batch = next(batches)
    with Waits() as waits:
        step(subgraph, batch, groups)
    assert waits.found == WHY.get(model, set())


def test_what_is_counted_is_seen():
    with Waits() as waits:
        x = torch.tensor([1, 1, 0])
        x.unique()
        x[x > 0].sum().item()
    assert {"aten::_unique2", "aten::index", "aten::_local_scalar_dense"} <= waits.found
