import pytest
import torch
from torch import nn
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


class Biased(MFBPR):
    """Somebody's model with a parameter of its own."""

    def __init__(self, graph):
        super().__init__(graph)
        self.bias = nn.Parameter(torch.ones(1))


class Complete(Biased):
    """The same, that says how the parameter starts."""

    def draw_parameters(self):
        nn.init.zeros_(self.bias)


def test_parameters_of_its_own_that_a_model_does_not_draw_are_named(graph):
    with pytest.raises(NotImplementedError, match=r"Biased has parameters of its own, \['bias'\], which nothing draws"):
        Biased(graph).reset_parameters()


def test_a_model_draws_its_own_parameters_after_its_tables(graph):
    model = Complete(graph)
    before = model.user_table.clone()
    model.reset_parameters()
    assert model.bias.item() == 0
    assert not torch.equal(model.user_table, before)
