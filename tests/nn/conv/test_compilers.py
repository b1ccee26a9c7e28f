"""The convolutions as one graph: ``torch.compile(fullgraph=True)`` and ``torch.export``."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from mmgraph.nn import HypergraphConv, LightGCNConv, NeighborSimilarityConv, RoutingConv, SoftmaxGraphConv


def inputs_of(make, num_edges=40):
    """Vectors, and what the conv reads beside them."""
    x = torch.randn(10, 4)
    edge_index = torch.randint(10, (2, num_edges)).unique(dim=1)
    if make is HypergraphConv:
        return x, torch.rand(10, 3)
    return (x, edge_index, torch.rand(edge_index.size(1))) if make is SoftmaxGraphConv else (x, edge_index)


def test_compiled_whole_they_give_the_same_vectors_and_gradients():
    script = Path(__file__).with_name("compiled.py")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 9


@pytest.mark.parametrize("make", [LightGCNConv, NeighborSimilarityConv, RoutingConv])
def test_an_exported_program_runs_on_other_edges(make):
    conv, (x, edge_index) = make(), inputs_of(make)
    sizes = {"x": {}, "edge_index": {1: torch.export.Dim("edges", min=2)}}
    program = torch.export.export(conv, (x, edge_index), dynamic_shapes=sizes).module()
    for num_edges in (40, 15):
        y, edges = inputs_of(make, num_edges)
        torch.testing.assert_close(program(y, edges), conv(y, edges))


@pytest.mark.parametrize("make", [SoftmaxGraphConv, HypergraphConv])
def test_an_exported_program_runs(make):
    conv, (x, *others) = make(), inputs_of(make)
    program = torch.export.export(conv, (x, *others)).module()
    torch.testing.assert_close(program(x, *others), conv(x, *others))


def test_nothing_is_remembered_of_what_was_traced():
    conv, (x, edge_index) = LightGCNConv(), inputs_of(LightGCNConv)
    torch.export.export(conv, (x, edge_index))
    assert type(conv(x, edge_index)) is torch.Tensor
