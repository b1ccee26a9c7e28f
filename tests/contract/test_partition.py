"""Every model trains on a divided graph, or a sentence says that it does not."""

import pytest
import torch

from mmgraph.evaluation.divided import DividedEvaluator
from mmgraph.extension.tables import find_tables
from mmgraph.loader import SampledGraphLoader, StreamedLoader
from mmgraph.loader.own_nodes import number_nodes
from mmgraph.nn import GraphSmoothing, LightGCNConv, SoftmaxGraphConv
from mmgraph.training import divide
from mmgraph.transforms import own_part
from tests.contract.conftest import MODELS, small_parts
from tests.training.partitioned_processes import SETTINGS

DIVIDED = {"mf_bpr", "lightgcn", "layergcn", "freedom", "vbpr"}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_divided_or_refused(name, parts_of):
    parts = parts_of(name)
    assert parts.model.divides_by_rows == (name in DIVIDED)
    given = parts.model, parts.objective, parts.graph, parts.loader, parts.evaluator
    if name in DIVIDED:
        found = divide(*given)
        assert isinstance(found.evaluator, DividedEvaluator)
        assert parts.model.node_tables() == find_tables(parts.model, parts.graph, training=True)
        return
    with pytest.raises(ValueError, match=f"{type(parts.model).__name__} does not say .* trainer.shard=true"):
        divide(*given)


def test_those_that_are_divided_are_trained_by_several_processes():
    assert {words[0] for words in SETTINGS.values()} == DIVIDED


@pytest.mark.parametrize("name", sorted(DIVIDED))
def test_one_process_that_has_all_of_a_divided_graph_encodes_the_same(name, parts_of):
    """While training, too: what is left out is drawn alike."""
    parts = parts_of(name)
    part = own_part(parts.graph)
    for draws in ("training_graph", "inference_graph"):
        encodings = []
        for graph in (parts.graph, part):
            torch.manual_seed(0)
            chosen = [0] if draws == "training_graph" else []
            with torch.no_grad():
                encodings.append(parts.model(getattr(parts.model, draws)(graph, *chosen)))
        for side in ("user", "item"):
            torch.testing.assert_close(getattr(encodings[0], side), getattr(encodings[1], side), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["lightgcn", "freedom"])
def test_ranking_by_blocks_finds_what_ranking_finds(name, parts_of, monkeypatch):
    monkeypatch.setattr("mmgraph.evaluation.ranking_by_blocks.BLOCK_ITEMS", 32)
    parts = parts_of(name)
    part = own_part(parts.graph)
    divided = DividedEvaluator(parts.evaluator, part["user"].rows, part["item"].rows)
    whole = parts.evaluator(parts.model, parts.graph, "val")
    found = divided(parts.model, part, "val")
    assert found.metrics == pytest.approx(whole.metrics)
    for a, b in zip(found.hits, whole.hits, strict=True):
        assert torch.equal(a, b)


def test_what_cannot_be_divided_is_said():
    parts = small_parts("lightgcn", "loss.terms.reg.rows=all")
    with pytest.raises(ValueError, match=r"loss terms \['reg'\] read the vectors of more nodes"):
        divide(parts.model, parts.objective, parts.graph, parts.loader, parts.evaluator)
    parts = small_parts("lightgcn", "evaluator.metrics=[recall,sampled_auc]")
    with pytest.raises(ValueError, match="sampled_auc looks at all scores"):
        divide(parts.model, parts.objective, parts.graph, parts.loader, parts.evaluator)
    with pytest.raises(ValueError, match="two ways to divide"):
        small_parts("lightgcn", "trainer.shard=true", "trainer.partition=true")


@pytest.mark.parametrize("name", sorted(DIVIDED))
def test_a_sample_of_a_divided_graph_has_the_vectors_of_the_whole(name, parts_of):
    """With all neighbours, in the one process that there is."""
    parts = parts_of(name)
    loader = SampledGraphLoader(parts.graph, model=parts.model, batch_size=50, num_neighbors=-1)
    part = own_part(parts.graph)
    torch.manual_seed(0)
    sample, batch = next(loader.of_users(part["user"].rows).epoch(part, 0))
    with torch.no_grad():
        found, whole = parts.model(sample), parts.model(parts.graph)
    for side, rows in number_nodes(batch)[0].items():
        assert torch.equal(sample[side].n_id[: rows.numel()], rows)
        vectors = getattr(found, side)[: rows.numel()]
        torch.testing.assert_close(vectors, getattr(whole, side)[rows], rtol=1e-5, atol=1e-6)


def test_triplets_are_the_same_whoever_has_the_pairs(parts_of):
    parts = parts_of("lightgcn")
    loader = StreamedLoader(parts.graph, batch_size=100)
    whole, part = (list(x.epoch(parts.graph, 0)) for x in _seeded(loader, own_part(parts.graph)))
    assert len(whole) == len(loader)
    for (_, a), (_, b) in zip(whole, part, strict=True):
        assert all(torch.equal(x, y) for x, y in zip(a[:3], b[:3], strict=True))


def _seeded(loader, part):
    for one in (loader, loader.of_users(part["user"].rows)):
        torch.manual_seed(0)
        yield one


def test_layers_that_do_not_receive_what_others_have_refuse(parts_of):
    part = own_part(parts_of("freedom").graph)
    kind = "item", "similar", "item"
    x = torch.ones(part["item"].num_nodes, 2)
    for layer in (LightGCNConv(), SoftmaxGraphConv()):
        with pytest.raises(ValueError, match="one process's part of a divided graph"):
            layer(x, part[kind])
    with pytest.raises(ValueError, match="one process's part of a divided graph"):
        GraphSmoothing(1, SoftmaxGraphConv())(x, part, "item", "similar")
