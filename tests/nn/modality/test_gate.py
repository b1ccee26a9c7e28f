import numpy as np
import pytest
import torch

from mmgraph.nn import BehaviorGate


@pytest.mark.parametrize("expansion", [1, 4])
def test_equals_eq_9_and_10(expansion):
    r"""``E' = W1 X + b1`` (A D numbers), then ``E'' = E_id * sigmoid(W2 E' + b2)``, one map after the other."""
    gate, item, x = BehaviorGate(5, 3, expansion=expansion), torch.randn(7, 3), torch.randn(7, 5)
    w1, b1, w2, b2 = (gate.get_parameter(f"{part}.{kind}").detach().numpy()
                      for part in ("expand", "reduce") for kind in ("weight", "bias"))  # fmt: skip
    moderate = x.numpy() @ w1.T + b1
    assert moderate.shape == (7, 3 * expansion)
    expected = item.numpy() / (1 + np.exp(-(moderate @ w2.T + b2)))
    np.testing.assert_allclose(gate(item, x).detach().numpy(), expected, atol=1e-6)


def test_gradients_equal_those_of_the_two_maps():
    gate, item, x = BehaviorGate(5, 3).double(), torch.randn(7, 3).double(), torch.randn(7, 5).double()
    one = torch.autograd.grad(gate(item, x).square().sum(), list(gate.parameters()))
    two = torch.autograd.grad(
        (item * torch.sigmoid(gate.reduce(gate.expand(x)))).square().sum(), list(gate.parameters())
    )
    torch.testing.assert_close(one, two)


def test_open_and_shut():
    gate = BehaviorGate(2, 2)
    with torch.no_grad():
        gate.reduce.weight.zero_()
        gate.reduce.bias.copy_(torch.tensor([50.0, -50.0]))
    torch.testing.assert_close(gate(torch.ones(1, 2), torch.ones(1, 2)), torch.tensor([[1.0, 0.0]]))


def test_full_precision_behind_autocast():
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert BehaviorGate(5, 3)(torch.randn(7, 3), torch.randn(7, 5)).dtype == torch.float32


def test_nothing_to_pass_through():
    with pytest.raises(ValueError, match="expansion=0 must be at least 1"):
        BehaviorGate(5, 3, expansion=0)
