import numpy as np
import torch

from mmgraph.extension.linear import LinearMap


def test_a_linear_relation_is_found():
    x = torch.randn(200, 5)
    matrix = torch.randn(5, 3)
    found = LinearMap.fit(x, x @ matrix + 2)
    torch.testing.assert_close(found(x).float(), x @ matrix + 2, atol=0.3, rtol=0)


def test_it_is_the_ridge_regression_of_the_normal_equations():
    x = torch.randn(30, 4)
    y = torch.randn(30, 2)
    centred = (x - x.mean(0)).double().numpy()
    gram = centred.T @ centred
    weight = 1e-2 * np.diag(gram).mean()
    matrix = np.linalg.inv(gram + weight * np.eye(4)) @ centred.T @ (y - y.mean(0)).double().numpy()
    np.testing.assert_allclose(LinearMap.fit(x, y)(x), centred @ matrix + y.mean(0).numpy(), rtol=1e-4, atol=1e-6)


def test_inputs_that_never_vary_give_the_mean():
    found = LinearMap.fit(torch.ones(4, 3), torch.tensor([[1.0], [2.0], [3.0], [6.0]]))
    torch.testing.assert_close(found(torch.ones(1, 3)), torch.tensor([[3.0]]).double())
