import pytest
import torch

from mmgraph.extension import FoldIn, NewNodes, extend
from mmgraph.extension.fold_in import PRIOR
from mmgraph.models import FISM, MFBPR, VBPR, LightGCN, Popularity
from mmgraph.typing import Encoding
from tests.conftest import bipartite_graph


def encoded(model, graph):
    with torch.no_grad():
        return model.eval()(graph)


def test_an_items_users_and_its_features_are_weighed_by_the_number_of_users(graph, new):
    encoding = encoded(MFBPR(graph, emb_dim=4), graph)
    fold = FoldIn(graph, encoding)
    found = fold.new(new).item[0]
    content = fold.content.guess(new)[0][0]
    total = fold.weighed_user[[3, 4, 5]].sum(0, keepdim=True)
    users = fold.audience.guess(total, torch.tensor([3.0]).double())[0]
    torch.testing.assert_close(found, (3 * users + PRIOR * content) / (3 + PRIOR))


def test_an_item_of_new_users_alone_is_what_its_features_tell(graph, new):
    fold = FoldIn(graph, encoded(MFBPR(graph, emb_dim=4), graph))
    torch.testing.assert_close(fold.new(new).item[1:], fold.content.guess(new)[0][1:])


def test_new_items_are_part_of_new_users_histories(graph, new):
    fold = FoldIn(graph, encoded(MFBPR(graph, emb_dim=4), graph))
    user, item = fold.new(new)
    total = fold.item[[1, 2, 7]].sum(0) + item[:2].sum(0)
    torch.testing.assert_close(user[0], fold.taste.guess(total.unsqueeze(0), torch.tensor([5.0]).double())[0])
    torch.testing.assert_close(user[1], fold.taste.mean)


def test_many_new_users_at_once_are_what_each_is_alone(graph):
    fold = FoldIn(graph, encoded(LightGCN(graph, emb_dim=4), graph))
    histories = [[1, 2], [5], [7, 8, 9, 10]]
    edges = torch.tensor([[60 + k, item] for k, history in enumerate(histories) for item in history]).T
    together = fold.new(NewNodes(num_users=3, edge_index=edges)).user
    for k, history in enumerate(histories):
        alone = NewNodes(num_users=1, edge_index=torch.tensor([[60] * len(history), history]))
        torch.testing.assert_close(fold.new(alone).user[0], together[k])


def test_an_item_of_which_nothing_is_known(graph):
    encoding = encoded(MFBPR(graph, emb_dim=4), graph)
    with pytest.raises(ValueError, match=r"item 'x' has no user .* no features \(of \['image', 'text'\]\): nothing"):
        extend(MFBPR(graph), graph, encoding, NewNodes(num_items=1, item_names=["x"]))


def test_an_item_without_users_where_items_have_no_features():
    graph = bipartite_graph(60, 30, modalities=())
    model = MFBPR(graph, emb_dim=4)
    with pytest.raises(ValueError, match="no features, which the model's own items have not either"):
        extend(model, graph, encoded(model, graph), NewNodes(num_items=1))
    new = NewNodes(num_items=1, edge_index=torch.tensor([[1, 2], [30, 30]]))
    assert extend(model, graph, encoded(model, graph), new).encoding.item.shape == (31, 4)


def test_nothing_new_changes_nothing(graph):
    model = LightGCN(graph, emb_dim=4)
    encoding = encoded(model, graph)
    found = extend(model, graph, encoding, NewNodes()).encoding
    assert torch.equal(found.user, encoding.user)
    assert torch.equal(found.item, encoding.item)


def test_unseen_nodes_are_inferred_from_others_if_asked():
    graph = bipartite_graph(60, 30)  # the last item has no interaction
    model = LightGCN(graph, emb_dim=4)
    encoding = encoded(model, graph)
    fold = FoldIn(graph, encoding)
    found = extend(model, graph, encoding, NewNodes(), unseen=True).encoding
    assert torch.equal(found.item[:29], encoding.item[:29])
    expected = fold.content.guess(fold.content.part(torch.tensor([29])))[0][0]
    torch.testing.assert_close(found.item[29].double(), expected, atol=1e-6, rtol=1e-5)
    again = extend(model, graph, encoding, NewNodes(), unseen=True, mode="recompute")
    torch.testing.assert_close(again.encoding.item[29], found.item[29])
    assert not torch.equal(again.model.item_table[29], model.item_table[29])
    kept = extend(model, graph, encoding, NewNodes(), mode="recompute")
    assert torch.equal(kept.model.item_table, model.item_table)


@pytest.mark.parametrize("make", [VBPR, FISM])
def test_unseen_items_of_models_that_encode_new_nodes_are_inferred_too(make):
    graph = bipartite_graph(60, 30)  # the last item has no interaction
    model = make(graph, emb_dim=4)
    encoding = encoded(model, graph)
    fold = FoldIn(graph, encoding)
    found = extend(model, graph, encoding, NewNodes(), unseen=True).encoding
    expected = fold.content.guess(fold.content.part(torch.tensor([29])))[0][0]
    torch.testing.assert_close(found.item[29].double(), expected, atol=1e-6, rtol=1e-5)
    assert torch.equal(found.item[:29], encoding.item[:29])
    assert torch.equal(found.user, encoding.user)


def test_a_fism_user_is_the_sum_of_the_history_to_the_digit(graph, new):
    model = FISM(graph, emb_dim=4)
    found = extend(model, graph, encoded(model, graph), new)
    expected = found.model.source_table[[1, 2, 7, 30, 31]].sum(0)
    torch.testing.assert_close(found.encoding.user[60], expected)


def test_an_unknown_mode(graph):
    model = Popularity(graph)
    with pytest.raises(ValueError, match="mode='both' must be one of one_way, recompute"):
        extend(model, graph, encoded(model, graph), NewNodes(), mode="both")


def test_a_model_that_reads_its_tables_itself_is_not_recomputed(graph, new):
    class Own(LightGCN):
        def forward(self, graph):
            return Encoding(
                self.rows(self.user_table, graph["user"]) + 1, self.item_table * graph["item"].degree[:, None]
            )

    model = Own(graph, emb_dim=4)
    with pytest.raises(ValueError, match=r"Own did not encode the larger graph .* tables by self\.rows"):
        extend(model, graph, encoded(model, graph), new, mode="recompute")


def test_vectors_are_needed(graph):
    encoding = Encoding(torch.eye(60).to_sparse(), torch.eye(30).to_sparse())
    with pytest.raises(ValueError, match="folded into vectors, and this model has none"):
        FoldIn(graph, encoding)


def test_a_graph_without_interactions_teaches_nothing(graph):
    graph["user", "interacts", "item"].edge_index = torch.empty(2, 0, dtype=torch.long)
    with pytest.raises(ValueError, match="nobody has chosen anything"):
        FoldIn(graph, Encoding(torch.ones(60, 2), torch.ones(30, 2)))
