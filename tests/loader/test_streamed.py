import pytest
import torch
from scipy.stats import chisquare

from mmgraph.loader import SampledGraphLoader, StreamedLoader, streamed
from mmgraph.models import MFBPR
from mmgraph.processes.partition import DividedRows
from mmgraph.typing import INTERACTS
from tests.loader.conftest import steps_of


def triplets(loader, graph, seed=0):
    batches = [batch for _, batch in steps_of(loader, graph, seed)]
    return [torch.cat(parts) for parts in list(zip(*batches, strict=True))[:3]]


@pytest.mark.parametrize("chunk", [1, 64, 2**16])
def test_an_epoch_has_each_interaction_once_in_another_order_each_time(large, chunk, monkeypatch):
    monkeypatch.setattr(streamed, "CHUNK", chunk)
    loader = StreamedLoader(large, batch_size=50)
    batches = steps_of(loader, large)
    assert len(batches) == len(loader)
    assert all(graph is large for graph, _ in batches)
    user, item, _ = triplets(loader, large)
    pairs = user * 40 + item
    edges = large[INTERACTS].edge_index
    assert torch.equal(pairs.sort().values, (edges[0] * 40 + edges[1]).sort().values)
    again = triplets(loader, large)
    assert all(torch.equal(a, b) for a, b in zip((user, item), again, strict=False))
    assert not torch.equal(user, triplets(loader, large, seed=1)[0])


@pytest.mark.parametrize("num_negatives", [1, 3])
def test_negatives_are_seen_items_that_the_user_has_not(large, num_negatives):
    loader = StreamedLoader(large, batch_size=50, num_negatives=num_negatives)
    user, _, negative = triplets(loader, large)
    assert negative.shape == (user.numel(),) if num_negatives == 1 else (user.numel(), num_negatives)
    edges = large[INTERACTS].edge_index
    known = set(map(tuple, edges.T.tolist()))
    pairs = torch.stack([user.repeat_interleave(num_negatives), negative.flatten()]).T.tolist()
    assert not known & set(map(tuple, pairs))
    assert set(negative.flatten().tolist()) <= set(edges[1].tolist())


def test_negatives_of_a_user_are_uniform(large):
    loader = StreamedLoader(large, batch_size=512, num_negatives=20)
    found = torch.zeros(40, dtype=torch.long)
    for seed in range(40):
        user, _, negative = triplets(loader, large, seed)
        found += torch.bincount(negative[user == 3].flatten(), minlength=40)
    edges = large[INTERACTS].edge_index
    open_items = [item for item in edges[1].unique().tolist() if item not in edges[1][edges[0] == 3].tolist()]
    assert int(found.sum()) == int(found[open_items].sum())
    assert chisquare(found[open_items]).pvalue > 1e-4


def test_what_several_processes_know_together_is_what_one_knows(large, monkeypatch):
    """Each adds what it knows; here one after another, in the place of an all-reduce."""
    loader = StreamedLoader(large, batch_size=50)
    parts = [loader.of_users(DividedRows(60, rank, 4)) for rank in range(4)]
    positives = [part.sampler.positives for part in parts]
    assert torch.equal(torch.cat(positives), loader.sampler.positives)
    numbers = torch.randperm(loader.num_pairs)
    found = sum(part._pairs(numbers) for part in parts)
    assert torch.equal(found, loader._pairs(numbers))
    user, item = torch.meshgrid(torch.arange(60), torch.arange(40), indexing="ij")
    known = [part.sampler.is_positive(user.flatten(), item.flatten()) for part in parts]
    assert torch.equal(torch.stack(known).sum(0) > 0, loader.sampler.is_positive(user.flatten(), item.flatten()))


def test_sizes_below_one_are_refused(large):
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        StreamedLoader(large, batch_size=0)


def test_processes_that_all_have_everything_ask_nobody(large, monkeypatch):
    """Where a graph is not divided, what each of several processes finds is not added up."""

    def never(x):
        raise AssertionError("nothing is divided")

    monkeypatch.setattr("mmgraph.loader.streamed.added_up", never)
    monkeypatch.setattr("mmgraph.loader.streamed.any_of_processes", never)
    assert sum(batch.user.numel() for _, batch in StreamedLoader(large, batch_size=50).epoch(large, 0)) > 0


def test_sampled_steps_may_be_of_streamed_triplets(large):
    sizes = {"batch_size": 50, "num_negatives": 2}
    torch.manual_seed(0)
    expected = [batch for _, batch in StreamedLoader(large, **sizes).epoch(large, 0)]
    loader = SampledGraphLoader(large, model=MFBPR(large), streamed=True, **sizes)
    torch.manual_seed(0)
    steps = list(loader.epoch(large, 0))
    for (sample, batch), triplets in zip(steps, expected, strict=True):
        assert torch.equal(sample["item"].n_id[batch.neg_item], triplets.neg_item)
    with pytest.raises(ValueError, match=r"loader\.streamed=true goes through each interaction once"):
        SampledGraphLoader(large, model=MFBPR(large), streamed=True, weighted=True)
