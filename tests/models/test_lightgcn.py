import pytest
import torch
from torch_geometric.nn import LightGCN as PyGLightGCN

from mmgraph.losses.views import all_views
from mmgraph.models import LightGCN


@pytest.mark.parametrize("num_layers", [1, 2, 4])
def test_equals_torch_geometrics_own_model(graph, num_layers):
    """Users and items as one node set, in both directions; PyG's default averages layers 0 to L as well."""
    model = LightGCN(graph, emb_dim=6, num_layers=num_layers)
    oracle = PyGLightGCN(12 + 9, 6, num_layers)
    with torch.no_grad():
        oracle.embedding.weight.copy_(torch.cat([model.user_table, model.item_table]))
    user, item = graph["user", "interacts", "item"].edge_index
    edges = torch.stack([torch.cat([user, item + 12]), torch.cat([item + 12, user])])
    expected = oracle.get_embedding(edges)
    encoding = model(graph)
    torch.testing.assert_close(torch.cat([encoding.user, encoding.item]), expected, atol=1e-6, rtol=1e-5)


def test_the_ego_view_is_what_is_regularised(graph):
    model = LightGCN(graph)
    assert all_views(model(graph))["ego"] == {"user": model.user_table, "item": model.item_table}
