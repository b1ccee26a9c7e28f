import pytest
import torch
from torch_geometric.data import HeteroData

from mmgraph.transforms import add_learned_knn, knn_graph


def test_edges_are_the_nearest_by_the_vectors_and_carry_no_weight():
    data = HeteroData(item={"num_nodes": 7})
    x_dict = {name: torch.randn(7, 3, requires_grad=True) for name in ("image", "text")}
    graph = add_learned_knn(data, x_dict, 3)
    for name, x in x_dict.items():
        store = graph["item", f"{name}_learned", "item"]
        assert list(store.keys()) == ["edge_index"]
        assert torch.equal(store.edge_index, knn_graph(x.detach(), 3)[0])
    assert data.edge_types == [], "the graph given stays as it is"


def test_drawn_again_by_other_vectors_they_are_others():
    data = HeteroData(item={"num_nodes": 30})
    first = add_learned_knn(data, {"text": torch.randn(30, 3)}, 3)
    x = torch.randn(30, 3)
    second = add_learned_knn(first, {"text": x}, 3)
    assert torch.equal(second["item", "text_learned", "item"].edge_index, knn_graph(x, 3)[0])
    assert not torch.equal(
        first["item", "text_learned", "item"].edge_index, second["item", "text_learned", "item"].edge_index
    )


def test_items_without_the_modality_are_nobodys_neighbours():
    data = HeteroData(item={"has_text": torch.tensor([True, False, True, True])})
    edge_index = add_learned_knn(data, {"text": torch.randn(4, 2)}, 2)["item", "text_learned", "item"].edge_index
    assert 1 not in edge_index


def test_k_must_fit_the_items():
    with pytest.raises(ValueError, match="k must be between 1 and 4"):
        add_learned_knn(HeteroData(item={"num_nodes": 4}), {"text": torch.randn(4, 2)}, 5)
