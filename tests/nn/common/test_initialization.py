"""How weights start."""

import pytest
import torch
from torch import nn

from mmgraph.nn import xavier_matrices_, xavier_normal, xavier_uniform


def test_uniform_fills_its_bound_and_no_more():
    torch.manual_seed(0)
    table = xavier_uniform(600, 40, gain=0.5)
    bound = 0.5 * (6 / 640) ** 0.5
    assert table.abs().max().item() == pytest.approx(bound, rel=0.01)
    assert table.std().item() == pytest.approx(bound / 3**0.5, rel=0.02)
    assert isinstance(table, nn.Parameter)
    assert table.requires_grad


def test_normal_has_its_deviation():
    torch.manual_seed(0)
    table = xavier_normal(600, 40)
    assert table.std().item() == pytest.approx((2 / 640) ** 0.5, rel=0.02)
    assert table.mean().item() == pytest.approx(0, abs=1e-3)


def test_matrices_are_drawn_and_vectors_stay():
    block = nn.Sequential(nn.Linear(30, 10), nn.LayerNorm(10))
    before = {name: parameter.clone() for name, parameter in block.named_parameters()}
    xavier_matrices_(block)
    drawn = {name for name, parameter in block.named_parameters() if not torch.equal(parameter, before[name])}
    assert drawn == {"0.weight"}
    assert block[0].weight.abs().max() <= (6 / 40) ** 0.5
