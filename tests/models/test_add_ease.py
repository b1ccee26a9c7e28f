import pytest
import torch
from torch.nn.functional import normalize
from torch.testing import assert_close

from mmgraph.models import EASE, AddEASE
from tests.conftest import bipartite_graph

SETTINGS = {"l2_weight": 3.0, "feature_l2_weight": 0.5}


def by_features(graph, names=("image", "text")):
    """EASE with the features in the place of users, by its definition."""
    x = torch.cat([normalize(x - x.mean(0), dim=-1) for x in (graph["item"][f"x_{name}"] for name in names)], dim=1)
    x = x.T.double()
    found = torch.zeros(x.size(1), x.size(1)).double()
    for item in range(x.size(1)):
        others = [other for other in range(x.size(1)) if other != item]
        ridge = x[:, others].T @ x[:, others] + 0.5 * torch.eye(len(others))
        found[others, item] = torch.linalg.solve(ridge, x[:, others].T @ x[:, item])
    return found.float()


def test_alpha_shares_out_interactions_and_features():
    graph = bipartite_graph(num_users=30, num_items=10)
    users = EASE(graph, l2_weight=3.0)(graph).item
    assert torch.equal(AddEASE(graph, alpha=1.0, **SETTINGS)(graph).item, users)
    features = by_features(graph)
    assert_close(AddEASE(graph, alpha=0.0, **SETTINGS)(graph).item, features, atol=1e-4, rtol=1e-4)
    found = AddEASE(graph, alpha=0.25, **SETTINGS)(graph).item
    assert_close(found, 0.25 * users + 0.75 * features, atol=1e-4, rtol=1e-4)
    assert not found.diagonal().any()


def test_one_modality(graph):
    model = AddEASE(graph, alpha=0.0, weight={"text": 1.0}, **SETTINGS)
    assert_close(model(graph).item, by_features(graph, ["text"]), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"alpha": 1.5}, r"alpha=1.5 must be between 0 \(features alone\) and 1 \(interactions alone\)"),
        ({"feature_l2_weight": 0}, r"l2_weight=100.0 and feature_l2_weight=0 must be above 0"),
    ],
)
def test_wrong_arguments_are_refused(graph, settings, message):
    with pytest.raises(ValueError, match=message):
        AddEASE(graph, **settings)
