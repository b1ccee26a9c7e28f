import torch
from torch_geometric.data import HeteroData

from mmgraph.models import MFBPR, item_features


def test_rows_of_a_subgraph_are_looked_up_by_their_global_number(graph):
    model = MFBPR(graph, emb_dim=3)
    part = HeteroData(
        user={"num_nodes": 2, "n_id": torch.tensor([7, 0])}, item={"num_nodes": 1, "n_id": torch.tensor([4])}
    )
    encoding = model(part)
    assert torch.equal(encoding.user, model.user_table[[7, 0]])
    assert torch.equal(encoding.item, model.item_table[[4]])


def test_modalities_are_whatever_the_items_carry(graph):
    graph["item"].x_smell = torch.ones(9, 1)
    assert list(item_features(graph)) == ["image", "text", "smell"]


def test_trained_features_stand_in_for_given_ones_row_by_row(graph):
    trained = torch.nn.ParameterDict({"text": torch.randn(9, 2)})
    features = item_features(graph, trained)
    assert list(features) == ["image", "text"]
    assert features["text"] is trained["text"]
    assert features["image"] is graph["item"].x_image
    part = HeteroData(item={"x_text": torch.zeros(2, 2), "n_id": torch.tensor([7, 0])})
    assert torch.equal(item_features(part, trained)["text"], trained["text"][[7, 0]])


def test_the_graphs_of_a_model_are_the_graph_unless_it_says_otherwise(graph):
    model = MFBPR(graph)
    assert model.training_graph(graph, 0) is graph
    assert model.inference_graph(graph) is graph
    assert model.fit_closed_form(graph) is False
