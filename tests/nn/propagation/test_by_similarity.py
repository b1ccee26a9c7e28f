"""Rounds of NSMAR+ over the interactions; its layers by hand are in tests/models/test_nsmar.py."""

import pytest
import torch

from mmgraph.nn import BipartitePropagation, SimilarityPropagation


def test_where_all_neighbours_are_alike_it_is_lightgcn(graph):
    torch.manual_seed(0)
    line = torch.tensor([1.0, 2.0, -0.5])  # multiples of one vector: every r is 1
    user, item = (torch.rand(graph[side].num_nodes, 1) * line + 0.1 * line for side in ("user", "item"))
    ours = SimilarityPropagation(2)(user, item, graph)
    torch.testing.assert_close(ours, BipartitePropagation(2)(user, item, graph))


def test_sum_is_the_mean_times_the_number_of_layers(graph):
    torch.manual_seed(0)
    user, item = (torch.randn(graph[side].num_nodes, 4) for side in ("user", "item"))
    mean = SimilarityPropagation(2, norm="printed")(user, item, graph)
    total = SimilarityPropagation(2, norm="printed", combine="sum")(user, item, graph)
    for of_mean, of_total in zip(mean, total, strict=True):
        torch.testing.assert_close(3 * of_mean, of_total)


@pytest.mark.parametrize("num_layers", [0, 1])
def test_what_refines_meets_every_message_and_only_messages(num_layers, graph):
    user, item = (torch.rand(graph[side].num_nodes, 4) for side in ("user", "item"))
    propagation = SimilarityPropagation(num_layers, combine="sum")
    silenced = propagation(user, item, graph, refine=torch.zeros_like)
    torch.testing.assert_close(silenced, (user, item))


def test_a_neighbour_alone_has_nobody_to_resemble_but_itself(graph):
    """Without itself its coefficient is 0 and so is its message."""
    alone = graph["user"].degree == 1
    user, item = (torch.rand(graph[side].num_nodes, 4) for side in ("user", "item"))
    heard = {
        include: SimilarityPropagation(1, norm="printed", combine="sum", include_self=include)(user, item, graph)[0]
        for include in (True, False)
    }
    assert alone.any()
    assert not torch.equal(heard[True], heard[False])
    torch.testing.assert_close(heard[False][alone], user[alone])
