"""Every model on interactions that lie in files: the same training to the bit, or a sentence."""

import pytest
import torch

from mmgraph.datasets.base import InteractionDataset
from mmgraph.pipeline.parts import build
from mmgraph.pipeline.recommend import encode, recommend
from mmgraph.pipeline.serving import Serving
from mmgraph.training import divide
from tests.contract.conftest import MODELS, small_config
from tests.edge_rows import as_mapped

TRAINED_SO = {"mf_bpr": "full_graph", "vbpr": "neighbor", "lightgcn": "neighbor", "simgcl": "neighbor"}
READ_NONE = {"popularity", "random"}
SMALL = ["dataset.num_users=80", "dataset.num_items=60", "model.emb_dim=8", "trainer.max_epochs=2"]


def parts_of(cfg, *, mapped):
    """A run's parts, with interactions in memory or by target."""
    plain = build(cfg).dataset
    data = as_mapped(plain[0]) if mapped else plain[0]
    return build(cfg, dataset=InteractionDataset("made", data, plain.split_hash))


def trained(cfg, *, mapped):
    """What two epochs come to."""
    parts = parts_of(cfg, mapped=mapped)
    parts.trainer.verbose = False
    fit = parts.trainer.fit(parts.model, parts.objective, parts.graph, parts.loader, evaluator=parts.evaluator)
    losses = [{name: value for name, value in row.items() if "seconds" not in name} for row in fit.history]
    return parts, losses


@pytest.mark.parametrize("lazy", ["auto", "true"])
@pytest.mark.parametrize(("model", "loader"), TRAINED_SO.items())
def test_training_is_that_of_memory_to_the_bit(model, loader, lazy):
    words = [f"loader={loader}", "loader.batch_size=32", f"trainer.lazy_rows={lazy}", "loader.num_negatives=2", *SMALL]
    words += ["loader.num_neighbors=3"] if loader == "neighbor" else []
    cfg = small_config(model, *words)
    (plain, expected), (parts, losses) = (trained(cfg, mapped=mapped) for mapped in (False, True))
    for row, other in zip(losses, expected, strict=True):
        assert [row[name] for name in row if "loss" in name] == [other[name] for name in row if "loss" in name]
        assert row == pytest.approx(other, abs=1e-6)
    weights = zip(parts.model.state_dict().items(), plain.model.state_dict().items(), strict=True)
    assert all(torch.equal(one, other) for (_, one), (_, other) in weights)
    assert parts.dataset.summary == plain.dataset.summary


@pytest.mark.parametrize("model", ["mf_bpr", "lightgcn"])
def test_lists_leave_out_what_is_known(model):
    cfg = small_config(model, "loader=neighbor", *SMALL)
    plain, parts = (parts_of(cfg, mapped=mapped) for mapped in (False, True))
    lists, expected = (recommend(found.model, found.graph, range(80), k=60).ids for found in (parts, plain))
    assert torch.equal((lists >= 0).sum(1), (expected >= 0).sum(1))
    assert torch.equal(lists.sort(1).values, expected.sort(1).values)
    serving, other = (
        Serving.of(found.model, encode(found.model, found.graph), found.dataset) for found in (parts, plain)
    )
    for part in ("train", "val", "test"):
        assert torch.equal(serving.known[part].pairs(), other.known[part].pairs())
    assert torch.equal(serving.known_in(["train", "val"]).key, other.known_in(["train", "val"]).key)


@pytest.mark.parametrize("model", sorted(READ_NONE))
def test_floors_rank_without_interactions_in_memory(model):
    cfg = small_config(model, "dataset.num_users=80", "dataset.num_items=60")
    plain, parts = (parts_of(cfg, mapped=mapped) for mapped in (False, True))
    found, expected = (one.evaluator(one.model, one.graph, "test").metrics for one in (parts, plain))
    assert found == expected


@pytest.mark.parametrize("model", sorted(set(MODELS) - set(TRAINED_SO) - READ_NONE))
def test_other_models_are_refused_before_anything_is_read(model):
    cfg = small_config(model, "dataset.num_users=80", "dataset.num_items=60")
    with pytest.raises(ValueError, match=r"^dataset.interactions=mapped: \w+ reads interactions that are in memory"):
        parts_of(cfg, mapped=True)


def test_interactions_in_files_are_not_divided():
    parts = parts_of(small_config("mf_bpr", "dataset.num_users=80", "dataset.num_items=60"), mapped=True)
    with pytest.raises(ValueError, match=r"^trainer.partition=true reads interactions that are in memory"):
        divide(parts.model, parts.objective, parts.graph, parts.loader, parts.evaluator)
