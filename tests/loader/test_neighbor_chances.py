"""What is sampled, counted over many epochs."""

import pytest
import torch

from mmgraph.loader import SampledGraphLoader
from mmgraph.models import LightGCN
from mmgraph.typing import REV_INTERACTS
from tests.loader.conftest import loader_of, original


@pytest.mark.parametrize("num_neighbors", [1, 2, 5])
def test_every_neighbour_has_the_same_chance(large, num_neighbors):
    loader = loader_of(large, num_hops=1, num_neighbors=num_neighbors, batch_size=10_000)
    edge_index, times = large[REV_INTERACTS].edge_index, 200
    count = torch.zeros(40, 60)
    torch.manual_seed(0)
    for epoch in range(times):
        ((subgraph, _),) = loader.epoch(large, epoch)
        item, user = original(subgraph, REV_INTERACTS)
        count[item, user] += 1
    chance = (num_neighbors / large["user"].degree.clamp(min=num_neighbors))[edge_index[1]]
    deviate = (count[edge_index[0], edge_index[1]] - times * chance) / (times * chance * (1 - chance)).sqrt()
    deviate = deviate[chance < 1]
    assert deviate.square().mean() < 1.3
    assert deviate.abs().max() < 5


def test_two_rounds_of_propagation_are_estimated_without_bias(large):
    model = LightGCN(large, emb_dim=4, num_layers=2)
    loader = SampledGraphLoader(large, model=model, num_neighbors=3, batch_size=10_000)
    exact = model(large)
    draws = []
    torch.manual_seed(0)
    for epoch in range(200):
        ((subgraph, _),) = loader.epoch(large, epoch)
        encoding = model(subgraph)
        # With every user among the seeds, sorted, rows are those of the full graph.
        assert torch.equal(subgraph["user"].n_id, torch.arange(60))
        draws.append(encoding.user.detach())
    mean, error = torch.stack(draws).mean(0), torch.stack(draws).std(0) / len(draws) ** 0.5
    z = (mean - exact.user) / error
    assert z.abs().mean() < 1.2  # .8 for a normal deviate
    assert z.abs().max() < 5
    assert torch.stack(draws).std(0).mean() > 0.05 * exact.user.std()
