"""Parameters drawn anew, or a sentence about those that nothing draws."""

import pytest
import torch
from torch import nn

from mmgraph.nn import Resettable, reset_parts


class Scaled(Resettable):
    """Has a part, and a parameter of its own."""

    def __init__(self):
        super().__init__()
        self.map = nn.Linear(3, 3)
        self.scale = nn.Parameter(torch.ones(3))

    def draw_parameters(self):
        nn.init.ones_(self.scale)


def test_parts_draw_and_then_the_module():
    torch.manual_seed(0)
    block = Scaled()
    before = {name: value.clone() for name, value in block.state_dict().items()}
    nn.init.zeros_(block.scale)
    torch.manual_seed(0)
    block.reset_parameters()
    assert all(torch.equal(value, before[name]) for name, value in block.state_dict().items())
    block.reset_parameters()
    assert not torch.equal(block.map.weight, before["map.weight"])


def test_running_statistics_are_forgotten():
    block = nn.ModuleDict({"a": nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))})
    block["a"](torch.randn(5, 2))
    reset_parts(block)
    norm = block["a"][1]
    assert norm.running_mean.tolist() == [0, 0]
    assert norm.running_var.tolist() == [1, 1]
    assert norm.num_batches_tracked == 0


@pytest.mark.parametrize("part", [nn.ParameterDict({"a": torch.ones(1)}), nn.MultiheadAttention(2, 1)])
def test_a_part_that_nothing_draws_is_named(part):
    kind = type(part).__name__
    with pytest.raises(NotImplementedError, match=f"part inner of ModuleDict, a {kind}, has parameters and no reset"):
        reset_parts(nn.Sequential(nn.ModuleDict({"inner": part})))
