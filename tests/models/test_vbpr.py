import pytest
import torch

from mmgraph.models import VBPR
from tests.conftest import bipartite_graph


def test_items_are_a_free_part_and_a_projected_part(graph):
    model = VBPR(graph, emb_dim=3)
    features = torch.cat([graph["item"].x_image, graph["item"].x_text], dim=1)
    projected = features @ model.project.weight.T + model.project.bias
    encoding = model(graph)
    torch.testing.assert_close(encoding.item, torch.cat([model.item_table, projected], dim=1))
    assert encoding.user.shape == (12, 6)


def test_items_without_any_modality_are_refused():
    with pytest.raises(ValueError, match="at least one modality"):
        VBPR(bipartite_graph(modalities=()))
