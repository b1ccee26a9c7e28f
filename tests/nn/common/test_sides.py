import pytest
import torch

from mmgraph.nn import add_sides, concat_sides, normalize_sides, scale_sides
from mmgraph.typing import Sides


def test_each_side_by_itself():
    user, item = torch.tensor([[3.0, 4.0]]), torch.tensor([[0.0, 2.0], [0.0, 0.0]])
    scaled = scale_sides(normalize_sides(Sides(user, item)), 10)
    torch.testing.assert_close(scaled, Sides(torch.tensor([[6.0, 8.0]]), torch.tensor([[0.0, 10.0], [0.0, 0.0]])))


def test_sums_are_taken_while_layers_are_made():
    made = []

    def layers():
        for layer in range(3):
            made.append(layer)
            yield Sides(torch.full((2, 1), 10.0**layer), torch.full((1, 1), 2.0**layer))

    user, item = add_sides(layers())
    assert (user.tolist(), item.tolist(), made) == ([[111.0], [111.0]], [[7.0]], [0, 1, 2])
    with pytest.raises(TypeError):
        add_sides([])


def test_parts_stand_side_by_side_in_their_order():
    user, item = concat_sides(Sides(torch.full((2, n), 1.0 * n), torch.full((1, n), -1.0 * n)) for n in (1, 2))
    torch.testing.assert_close(user, torch.tensor([[1.0, 2.0, 2.0], [1.0, 2.0, 2.0]]))
    torch.testing.assert_close(item, torch.tensor([[-1.0, -2.0, -2.0]]))
