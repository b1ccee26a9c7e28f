import pytest
import torch

from mmgraph.loader import FullGraphLoader, SampledGraphLoader, neighbor
from mmgraph.models import MFBPR, LightGCN, Recommender
from mmgraph.processes import divided
from mmgraph.transforms import KNNGraph, drop_edges
from mmgraph.typing import INTERACTS, REV_INTERACTS
from tests.loader.conftest import Reach, loader_of, original, steps_of

KNN = ("item", "text_knn", "item")


def test_it_shows_how_it_samples(large):
    shown = repr(loader_of(large, num_hops=0, batch_size=50))
    assert shown.startswith("SampledGraphLoader(num_neighbors=[], triplets=FullGraphLoader(interactions=")
    assert shown.endswith("batch_size=50, num_negatives=1, weighted=False))")


def in_graph(subgraph, batch):
    """A batch in the numbers of the graph that its subgraph was sampled from."""
    user, item = subgraph["user"].n_id, subgraph["item"].n_id
    return user[batch.user], item[batch.pos_item], item[batch.neg_item]


def in_degrees(edge_index, num_nodes):
    return torch.bincount(edge_index[1], minlength=num_nodes)


@pytest.mark.parametrize(("num_neighbors", "num_negatives"), [(-1, 1), (2, 1), ([3, 1], 4)])
def test_the_triplets_are_those_of_the_full_graph_whatever_is_sampled(large, num_neighbors, num_negatives):
    sizes = {"batch_size": 50, "num_negatives": num_negatives}
    sampled = loader_of(large, num_neighbors=num_neighbors, **sizes)
    full = FullGraphLoader(large, **sizes)
    steps, expected = steps_of(sampled, large), steps_of(full, large)
    assert len(steps) == len(expected) == len(sampled) == len(full)
    for (subgraph, batch), (_, triplets) in zip(steps, expected, strict=True):
        assert torch.equal(subgraph["user"].n_id[batch.user], triplets.user)
        assert torch.equal(subgraph["item"].n_id[batch.pos_item], triplets.pos_item)
        assert torch.equal(subgraph["item"].n_id[batch.neg_item], triplets.neg_item)


@pytest.mark.parametrize("num_processes", [2, 3])
def test_processes_take_parts_of_each_batch_that_are_all_of_it_together(large, num_processes, monkeypatch):
    settings = {"batch_size": 50, "num_negatives": 2, "num_neighbors": 2}
    whole = [triplets for _, triplets in steps_of(FullGraphLoader(large, batch_size=50, num_negatives=2), large)]
    shares = []
    for rank in range(num_processes):
        for module in (divided, neighbor):
            monkeypatch.setattr(module, "world", lambda rank=rank: (rank, num_processes))
        shares.append([in_graph(*step) for step in steps_of(loader_of(large, **settings), large)])
    for step, triplets in enumerate(whole):
        for rank in range(num_processes):
            expected = [part[rank::num_processes] for part in triplets[:3]]
            assert all(torch.equal(*pair) for pair in zip(shares[rank][step], expected, strict=True))


def test_a_batch_with_fewer_triplets_than_processes_is_everyones(large, monkeypatch):
    for module in (divided, neighbor):
        monkeypatch.setattr(module, "world", lambda: (2, 3))
    subgraph, batch = steps_of(loader_of(large, batch_size=2), large)[0]
    _, triplets = steps_of(FullGraphLoader(large, batch_size=2), large)[0]
    assert torch.equal(subgraph["user"].n_id[batch.user], triplets.user)


def test_an_epoch_is_the_same_whenever_it_is_asked_for_and_another_seed_samples_others(large):
    def edges(loader, seed):
        return torch.cat([original(subgraph, INTERACTS) for subgraph, _ in steps_of(loader, large, seed)], dim=1)

    loader = loader_of(large, num_neighbors=2, batch_size=50)
    first = edges(loader, 3)
    assert torch.equal(edges(loader, 3), first)
    assert torch.equal(edges(loader_of(large, num_neighbors=2, batch_size=50), 3), first)
    assert not torch.equal(edges(loader, 4), first)


def test_nodes_carry_what_the_full_graph_says_of_them_and_no_label(large):
    for subgraph, batch in steps_of(loader_of(large, num_neighbors=2, batch_size=20), large):
        for side in ("user", "item"):
            store = subgraph[side]
            assert store.num_nodes == store.n_id.numel() == store.n_id.unique().numel()
            assert torch.equal(store.degree, large[side].degree[store.n_id])
        assert torch.equal(subgraph["item"].x_text, large["item"].x_text[subgraph["item"].n_id])
        assert set(batch.nodes["user"].tolist()) == set(batch.user.tolist())
        assert set(batch.nodes["item"].tolist()) == {*batch.pos_item.tolist(), *batch.neg_item.tolist()}
        assert {key for store in subgraph.edge_stores for key in store} == {"edge_index", "sample_scale"}


def test_no_node_hears_more_than_was_asked_for_and_only_real_neighbours(large):
    known = {edge_type: set(map(tuple, large[edge_type].edge_index.T.tolist())) for edge_type in large.edge_types}
    for subgraph, _ in steps_of(loader_of(large, num_neighbors=[3, 2], batch_size=20), large):
        for edge_type in large.edge_types:
            edges = original(subgraph, edge_type)
            pairs = list(map(tuple, edges.T.tolist()))
            assert set(pairs) <= known[edge_type]
            assert len(set(pairs)) == len(pairs)
            assert in_degrees(edges, 1).max() <= 3


def test_the_scale_is_all_neighbours_over_the_sampled_ones(large):
    subgraph, _ = steps_of(loader_of(large, num_neighbors=2, batch_size=20), large)[0]
    for edge_type in large.edge_types:
        n_id = subgraph[edge_type[2]].n_id
        everyone = in_degrees(large[edge_type].edge_index, int(large[edge_type[2]].num_nodes))[n_id]
        sampled = in_degrees(subgraph[edge_type].edge_index, n_id.numel())
        heard = sampled > 0
        scale = subgraph[edge_type].sample_scale
        torch.testing.assert_close((scale * sampled)[heard], everyone[heard].float())
        assert (scale[~heard] == 1).all()
        assert (scale > 1).any()


def test_zero_hops_bring_the_seeds_alone(large):
    for subgraph, batch in steps_of(loader_of(large, num_hops=0, batch_size=20), large):
        assert subgraph.num_edges == 0
        assert torch.equal(batch.nodes["item"], torch.arange(subgraph["item"].num_nodes))
        assert torch.equal(batch.nodes["user"], torch.arange(subgraph["user"].num_nodes))


@pytest.mark.parametrize("num_graph_hops", [0, 1])
def test_edges_within_a_node_type_are_followed_for_the_first_graph_hops(large, num_graph_hops):
    graph = KNNGraph(k=4, modalities=["text"])(large)
    loader = loader_of(graph, num_graph_hops=num_graph_hops, num_neighbors=-1, batch_size=2)
    subgraph, batch = steps_of(loader, graph)[0]
    heard = in_degrees(subgraph[KNN].edge_index, subgraph["item"].num_nodes) > 0
    assert set(heard.nonzero().flatten().tolist()) == (set(batch.nodes["item"].tolist()) if num_graph_hops else set())
    if num_graph_hops:
        weights = dict(zip(map(tuple, graph[KNN].edge_index.T.tolist()), graph[KNN].edge_weight, strict=True))
        pairs = map(tuple, original(subgraph, KNN).T.tolist())
        assert subgraph[KNN].edge_weight.tolist() == [weights[pair] for pair in pairs]


def test_an_epoch_samples_the_graph_that_it_trains_on(large):
    loader = loader_of(large, num_neighbors=-1, batch_size=20)
    steps_of(loader, large)
    pruned = drop_edges(large, 0.5)
    kept = set(map(tuple, pruned[INTERACTS].edge_index.T.tolist()))
    positives = set()
    for subgraph, batch in steps_of(loader, pruned):
        assert set(map(tuple, original(subgraph, INTERACTS).T.tolist())) <= kept
        assert set(map(tuple, original(subgraph, REV_INTERACTS).flip(0).T.tolist())) <= kept
        assert torch.equal(subgraph["user"].degree, pruned["user"].degree[subgraph["user"].n_id])
        users, items = subgraph["user"].n_id[batch.user], subgraph["item"].n_id[batch.pos_item]
        positives |= set(zip(users.tolist(), items.tolist(), strict=True))
    assert positives == set(map(tuple, large[INTERACTS].edge_index.T.tolist()))


@pytest.mark.parametrize("wrong", [0, -2, [3, 0]])
def test_counts_out_of_range_are_refused(large, wrong):
    with pytest.raises(ValueError, match="num_neighbors must be at least 1, or -1 for all"):
        SampledGraphLoader(large, model=Reach(large, 2), num_neighbors=wrong)


def test_as_many_counts_as_hops(large):
    with pytest.raises(ValueError, match=r"num_neighbors=\[5, 5, 5\] has 3 hops, .* LightGCN depend on 2"):
        SampledGraphLoader(large, model=LightGCN(large, num_layers=2), num_neighbors=[5, 5, 5])


def test_models_that_need_the_full_graph_or_say_nothing_are_refused(graph):
    class SumsOverAll(Reach):
        needs_full_graph = True

    with pytest.raises(ValueError, match=r"SumsOverAll .* sum over all users or items.*loader=full_graph"):
        SampledGraphLoader(graph, model=SumsOverAll(graph, 2))
    assert Recommender.num_hops is None
    with pytest.raises(ValueError, match=r"Reach does not say num_hops.*loader=full_graph"):
        SampledGraphLoader(graph, model=Reach(graph, None))


@pytest.mark.parametrize("num_negatives", [1, 3])
def test_without_hops_each_step_has_its_own_nodes(large, num_negatives):
    large["item"].x_text = torch.rand(40, 5)
    sizes = {"batch_size": 50, "num_negatives": num_negatives}
    steps = steps_of(SampledGraphLoader(large, model=MFBPR(large), **sizes), large)
    for (subgraph, batch), (_, triplets) in zip(steps, steps_of(FullGraphLoader(large, **sizes), large), strict=True):
        assert all(torch.equal(*pair) for pair in zip(in_graph(subgraph, batch), triplets[:3], strict=True))
        assert torch.equal(subgraph["user"].n_id, triplets.user.unique())
        assert torch.equal(subgraph["item"].n_id, torch.cat([triplets.pos_item, triplets.neg_item.flatten()]).unique())
        assert torch.equal(subgraph["item"].x_text, large["item"].x_text[subgraph["item"].n_id])
        assert subgraph.num_nodes == sum(rows.numel() for rows in batch.nodes.values())
        assert subgraph.num_edges == 0
    assert "n_id" not in large["user"]
