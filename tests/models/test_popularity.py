import torch

from mmgraph.models import Popularity


def test_everybody_gets_the_degrees(graph):
    model = Popularity(graph)
    scores = model.score(model(graph), torch.tensor([3, 0, 3]))
    assert torch.equal(scores, graph["item"].degree.expand(3, -1))


def test_pairs_and_closed_form(graph):
    model = Popularity(graph)
    user, item = torch.tensor([0, 5]), torch.tensor([[1, 2], [8, 0]])
    assert torch.equal(model.score_pairs(model(graph), user, item), graph["item"].degree[item])
    assert model.fit_closed_form(graph) is True
    assert not list(model.parameters())
