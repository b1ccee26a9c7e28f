import pytest
import torch
from torch.testing import assert_close

from mmgraph.models import EASE, L3AE, AddEASE
from tests.conftest import adjacency, bipartite_graph


@pytest.mark.parametrize("gamma", [0.7, 20.0])
def test_weights_are_the_minimum_found_by_descent(gamma):
    graph = bipartite_graph(num_users=30, num_items=8)
    x = adjacency(graph).double()
    features = AddEASE(graph, alpha=0.0, feature_l2_weight=0.5)(graph).item.double()
    weights = torch.zeros(8, 8, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=500, tolerance_grad=1e-10, line_search_fn="strong_wolfe")

    def loss():
        optimizer.zero_grad()
        off_diagonal = weights - weights.diag().diag()
        value = (x - x @ off_diagonal).square().sum() + 2 * off_diagonal.square().sum()
        value = value + gamma * (off_diagonal - features).square().sum()
        value.backward()
        return value

    optimizer.step(loss)
    found = L3AE(graph, l2_weight=2.0, feature_l2_weight=0.5, distill_weight=gamma)(graph).item
    assert not found.diagonal().any()
    assert_close(found.double(), (weights - weights.diag().diag()).detach(), atol=1e-4, rtol=0)


def test_without_distillation_it_is_ease_and_with_much_it_is_the_features():
    graph = bipartite_graph(num_users=30, num_items=8)
    expected = EASE(graph, l2_weight=3.0)(graph).item
    assert_close(L3AE(graph, l2_weight=3.0, distill_weight=0.0)(graph).item, expected, atol=1e-5, rtol=1e-4)
    features = AddEASE(graph, alpha=0.0)(graph).item
    assert_close(L3AE(graph, distill_weight=1e6)(graph).item, features, atol=1e-3, rtol=0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"distill_weight": -1}, r"distill_weight=-1 must be at least 0, and their sum above 0"),
        ({"l2_weight": 0, "distill_weight": 0}, r"l2_weight=0 and distill_weight=0 must be at least 0, and their sum"),
        ({"feature_l2_weight": 0}, r"feature_l2_weight=0 must be above 0"),
    ],
)
def test_wrong_arguments_are_refused(graph, settings, message):
    with pytest.raises(ValueError, match=message):
        L3AE(graph, **settings)
