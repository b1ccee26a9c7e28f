import torch

from mmgraph.nn import HyperedgeMixing


def test_by_hand():
    """Two hyperedges that swap what they hear; a negative number is halved on the way."""
    mixing = HyperedgeMixing(2, 2, slope=0.5)
    with torch.no_grad():
        for weight in mixing.weights:
            weight.copy_(torch.tensor([[0.0, 1.0], [1.0, 0.0]]))
    first = torch.tensor([[1.0 - 2.0], [-4.0 + 1.0]])
    second = torch.tensor([[-1.0 - 1.5], [-3.0 - 0.5]])
    x = torch.tensor([[1.0], [-4.0]])
    assert torch.equal(mixing.weights[0] @ x, torch.tensor([[-4.0], [1.0]]))
    assert torch.equal(first, torch.tensor([[-1.0], [-3.0]]))
    assert torch.equal(mixing(x), second)


def test_no_layers_change_nothing_and_have_no_parameters():
    mixing, x = HyperedgeMixing(3, 0), torch.randn(3, 4)
    assert mixing(x) is x
    assert not list(mixing.parameters())
