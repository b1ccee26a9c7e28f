"""How weights start."""

import pytest
import torch
from torch import nn

from mmgraph.nn import TableDict, redraw_, xavier_matrices_, xavier_normal, xavier_uniform


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


def test_a_matrix_is_drawn_anew_in_place():
    torch.manual_seed(0)
    table = xavier_normal(4, 3)
    torch.manual_seed(0)
    other = nn.Parameter(torch.zeros(4, 3))
    redraw_(other, xavier_normal)
    assert torch.equal(other, table)
    assert other.requires_grad


def test_tables_are_drawn_in_the_order_of_their_sizes():
    torch.manual_seed(0)
    user, item = xavier_normal(5, 2), xavier_normal(3, 2)
    torch.manual_seed(0)
    tables = TableDict({"user": (5, 2), "item": (3, 2)}, draw=xavier_normal)
    assert torch.equal(tables["user"], user)
    assert torch.equal(tables["item"], item)
    torch.manual_seed(0)
    tables.reset_parameters()
    assert torch.equal(tables["user"], user)
    assert torch.equal(tables["item"], item)
