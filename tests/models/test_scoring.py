import pytest
import torch

from mmgraph.models import FISM, NSMAR, SCORERS, ItemKNN, LightGCN, Random
from mmgraph.nn import PairMLP
from mmgraph.typing import Encoding
from tests.conftest import bipartite_graph

GRAPH = bipartite_graph()


def models():
    return {
        "product": LightGCN(GRAPH),
        "item_weights": ItemKNN(GRAPH),
        "own_items_left_out": FISM(GRAPH, alpha=0.3),
        "chance": Random(GRAPH, seed=3),
        "pair": NSMAR(GRAPH, scorer="pair", num_graph_layers=0),
    }


def test_every_kind_has_its_model():
    assert models().keys() == SCORERS.keys()


@pytest.mark.parametrize("kind", SCORERS)
def test_a_scorer_that_is_made_again_gives_the_same_scores(kind):
    model = models()[kind].eval()
    with torch.no_grad():
        encoding = model(model.inference_graph(GRAPH))
    scorer = model.scorer()
    assert scorer.kind == kind
    again = SCORERS[kind].of(scorer.state())
    kept = Encoding(encoding.user, encoding.item, {name: encoding.views[name] for name in scorer.views})
    users = torch.tensor([3, 0, 3])
    assert torch.equal(again.score(kept, users), model.score(encoding, users))


def test_scores_of_pairs_by_hand():
    pair = PairMLP(2, hidden_dim=3)
    scorer = SCORERS["pair"].of(pair.state_dict())
    user, item = torch.randn(4, 2), torch.randn(5, 2)
    expected = torch.stack([pair(user[[1]].expand(5, -1), item), pair(user[[3]].expand(5, -1), item)])
    torch.testing.assert_close(scorer.score(Encoding(user, item), torch.tensor([1, 3])), expected)
