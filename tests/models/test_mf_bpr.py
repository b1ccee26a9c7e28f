import torch

from mmgraph.models import MFBPR


def test_scores_are_inner_products_of_the_tables(graph):
    model = MFBPR(graph, emb_dim=5)
    users = torch.tensor([2, 11])
    assert torch.equal(model.score(model(graph), users), model.user_table[users] @ model.item_table.T)


def test_the_edges_play_no_part(graph):
    model = MFBPR(graph)
    before = model(graph).user
    graph["user", "interacts", "item"].edge_index = torch.empty(2, 0, dtype=torch.long)
    assert torch.equal(model(graph).user, before)
