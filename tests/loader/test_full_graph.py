import pytest
import torch

from mmgraph.loader import FullGraphLoader


def test_every_interaction_once_an_epoch_and_a_short_last_batch(graph):
    edge_index = graph["user", "interacts", "item"].edge_index
    loader = FullGraphLoader(graph, batch_size=7)
    steps = list(loader.epoch(graph, 0))
    assert len(steps) == len(loader) == -(-edge_index.size(1) // 7)
    assert all(subgraph is graph for subgraph, _ in steps)
    pairs = torch.cat([torch.stack([batch.user, batch.pos_item]) for _, batch in steps], dim=1)
    assert sorted(pairs.T.tolist()) == sorted(edge_index.T.tolist())
    assert steps[-1][1].user.numel() == (edge_index.size(1) % 7 or 7)


def test_the_same_seed_gives_the_same_epoch_and_another_seed_another(graph):
    def users(seed):
        torch.manual_seed(seed)
        return torch.cat([torch.stack(batch[:3]) for _, batch in FullGraphLoader(graph).epoch(graph, 0)], dim=1)

    assert torch.equal(users(3), users(3))
    assert not torch.equal(users(3), users(4))


def test_several_negatives(graph):
    (_, batch), *_ = FullGraphLoader(graph, num_negatives=3).epoch(graph, 0)
    assert batch.neg_item.shape == (batch.user.numel(), 3)


def test_positives_come_from_the_whole_graph_whatever_an_epoch_trains_on(graph):
    loader = FullGraphLoader(graph)
    pruned = graph.clone()
    pruned["user", "interacts", "item"].edge_index = torch.empty(2, 0, dtype=torch.long)
    (_, batch), *_ = loader.epoch(pruned, 0)
    assert batch.user.numel() == graph["user", "interacts", "item"].edge_index.size(1)


@pytest.mark.parametrize("name", ["batch_size", "num_negatives"])
def test_empty_batches_are_refused(name, graph):
    with pytest.raises(ValueError, match=f"{name} must be at least 1, got 0"):
        FullGraphLoader(graph, **{name: 0})


def test_weighted_interactions_are_drawn_in_proportion(graph):
    edges = graph["user", "interacts", "item"]
    edges.weight = torch.arange(1.0, edges.edge_index.size(1) + 1)
    loader = FullGraphLoader(graph, weighted=True)
    keys = edges.edge_index[0] * 1000 + edges.edge_index[1]
    drawn = torch.zeros(keys.numel())
    torch.manual_seed(0)
    for epoch in range(400):
        (_, batch), *_ = loader.epoch(graph, epoch)
        assert batch.user.numel() == keys.numel()
        assert not loader.drawn.sampler.is_positive(batch.user, batch.neg_item).any()
        drawn += torch.bincount(torch.searchsorted(keys, batch.user * 1000 + batch.pos_item), minlength=keys.numel())
    expected = 400 * keys.numel() * edges.weight / edges.weight.sum()
    assert ((drawn - expected).abs() / expected.sqrt()).max() < 4.5  # standard deviations


def test_weights_that_nobody_asks_for_change_nothing(graph):
    def epoch():
        torch.manual_seed(0)
        return torch.cat([torch.stack(batch[:3]) for _, batch in FullGraphLoader(graph).epoch(graph, 0)], dim=1)

    before = epoch()
    edges = graph["user", "interacts", "item"]
    edges.weight = torch.arange(1.0, edges.edge_index.size(1) + 1)
    assert torch.equal(epoch(), before)


def test_no_weights_to_draw_by(graph):
    with pytest.raises(ValueError, match="weighted=true: the interactions have no weights; a column weight of"):
        FullGraphLoader(graph, weighted=True)
