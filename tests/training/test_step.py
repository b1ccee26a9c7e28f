"""What a step reads of a graph."""

import pytest
import torch

from mmgraph.training import step as step_module
from mmgraph.training.step import TrainingStep
from tests.contract.conftest import small_parts


def trained(*words):
    words = ["trainer.lazy_rows=false", "trainer.max_epochs=2", *words]
    parts = small_parts("vbpr", *words, modalities="{text: 8}")
    parts.trainer.verbose = False
    fit = parts.trainer.fit(parts.model, parts.objective, parts.graph, parts.loader, evaluator=parts.evaluator)
    return fit.history, parts.model.state_dict()


@pytest.fixture
def taken(monkeypatch):
    """How many nodes each step took of the graph."""
    counts = []

    def own_nodes(batch, graph):
        found = step_module_own_nodes(batch, graph)
        counts.append(found[0]["item"].num_nodes)
        return found

    step_module_own_nodes = step_module.own_nodes
    monkeypatch.setattr(step_module, "own_nodes", own_nodes)
    return counts


def test_features_are_projected_for_the_items_of_a_batch_alone(taken, monkeypatch):
    alone, weights = trained("loader.batch_size=4")
    assert taken
    count = len(taken)
    monkeypatch.setattr(TrainingStep, "_reads_few_rows", lambda self, batch: False)
    together, expected = trained("loader.batch_size=4")
    assert len(taken) == count
    for ours, theirs in zip(alone, together, strict=True):
        losses = [key for key in theirs if key.startswith("loss/")]
        assert {key: ours[key] for key in losses} == pytest.approx({key: theirs[key] for key in losses}, rel=1e-5)
    for key, weight in expected.items():
        torch.testing.assert_close(weights[key], weight, rtol=0, atol=1e-4)


def test_a_batch_of_most_items_reads_the_whole_graph(taken):
    trained("loader.batch_size=4096")
    assert not taken
