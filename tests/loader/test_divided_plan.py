"""One process that has all of a divided graph samples what it samples of the whole."""

import pytest
import torch

from mmgraph.loader.divided_plan import DividedPlan
from mmgraph.loader.neighbor_plan import NeighborPlan, counts_by_type
from mmgraph.transforms import KNNGraph, own_part
from mmgraph.typing import REV_INTERACTS
from tests.loader.conftest import original


@pytest.fixture
def graph(large):
    large["item"].x_text = torch.rand(40, 5)
    return KNNGraph(k=4, modalities=["text"])(large)


def edges(subgraph, edge_type):
    source, target = original(subgraph, edge_type)
    return set(zip(source.tolist(), target.tolist(), strict=True))


def test_all_neighbours_are_those_of_the_whole_graph(graph):
    counts = counts_by_type(graph, [-1, -1], 1)
    seeds = {"user": torch.tensor([3, 7]), "item": torch.tensor([1])}
    found, expected = DividedPlan(own_part(graph), counts).sample(seeds), NeighborPlan(graph, counts).sample(seeds)
    for side in ("user", "item"):
        assert torch.equal(found[side].n_id, expected[side].n_id)
        assert torch.equal(found[side].degree, graph[side].degree[found[side].n_id])
    assert torch.equal(found["item"].x_text, expected["item"].x_text)
    for edge_type in graph.edge_types:
        assert edges(found, edge_type) == edges(expected, edge_type)
        assert torch.equal(found[edge_type].sample_scale, expected[edge_type].sample_scale)
    (kind,) = [kind for kind in graph.edge_types if kind[0] == kind[2]]
    assert found[kind].edge_weight.sum() == pytest.approx(float(expected[kind].edge_weight.sum()))


def test_without_hops_there_are_the_seeds_alone(graph):
    seeds = {"user": torch.tensor([2]), "item": torch.tensor([], dtype=torch.long)}
    found = DividedPlan(own_part(graph), counts_by_type(graph, [], 0)).sample(seeds)
    assert found["user"].n_id.tolist() == [2]
    assert found["item"].num_nodes == found.num_edges == 0


@pytest.mark.parametrize("size", [1, 3])
def test_every_set_of_neighbours_is_as_likely(graph, size):
    """Drawn in 1,000 steps: of a node with n neighbours each in size / n of them, none twice."""
    plan = DividedPlan(own_part(graph), counts_by_type(graph, [size], 0), generator=torch.Generator().manual_seed(0))
    user = int(graph["user"].degree.argmax())
    seeds = {"user": torch.tensor([user]), "item": torch.tensor([], dtype=torch.long)}
    times = 1000
    count = torch.zeros(40)
    for _ in range(times):
        item, target = original(plan.sample(seeds), REV_INTERACTS)
        assert item.unique().numel() == item.numel() == size
        assert (target == user).all()
        count[item] += 1
    neighbours = graph[REV_INTERACTS].edge_index[0][graph[REV_INTERACTS].edge_index[1] == user]
    assert count.sum() == count[neighbours].sum()
    chance = size / neighbours.numel()
    deviate = (count[neighbours] - times * chance) / (times * chance * (1 - chance)) ** 0.5
    assert deviate.abs().max() < 4
    assert 0.2 < deviate.square().mean() < 2.5
