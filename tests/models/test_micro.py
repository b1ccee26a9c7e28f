"""MICRO's own; what it shares is in test_latent_graph.py, the authors' numbers in test_golden.py."""

import torch
import torch.nn.functional as F

from mmgraph.losses.views import all_views
from mmgraph.models import MICRO
from mmgraph.nn import BipartitePropagation
from mmgraph.transforms import KNNGraph


def test_each_modality_has_a_graph_of_its_own(graph):
    """Without text's graphs, the image's vectors are what they were; both are fused by the attention."""
    graph = KNNGraph(k=3, weight="sym")(graph)
    model = MICRO(graph, emb_dim=4, knn_k=3)
    encoding = model(graph)
    other = graph.clone()
    other["item", "text_knn", "item"].edge_weight.zero_()
    changed = model(other)
    torch.testing.assert_close(all_views(changed)["modal.image"]["item"], all_views(encoding)["modal.image"]["item"])
    assert not torch.allclose(all_views(changed)["modal.text"]["item"], all_views(encoding)["modal.text"]["item"])
    modal = {name: all_views(encoding)[f"modal.{name}"]["item"] for name in ("image", "text")}
    alpha = model.attention(modal)
    fused = alpha[:, :1] * modal["image"] + alpha[:, 1:] * modal["text"]
    torch.testing.assert_close(all_views(encoding)["fused"]["item"], fused)
    _, item = BipartitePropagation(2, norm="mean", self_loops=True)(model.user_table, model.item_table, graph)
    torch.testing.assert_close(encoding.item, item + F.normalize(fused, dim=-1))
