"""Every equation of NSMAR+ on a graph of two users and three items, worked out by hand."""

import inspect
import math

import hydra.utils
import pytest
import torch
from omegaconf import OmegaConf
from torch_geometric.data import HeteroData

from mmgraph.losses.views import all_views
from mmgraph.models import NSMAR
from mmgraph.transforms import Degrees
from mmgraph.typing import INTERACTS, REV_INTERACTS, Triplets
from tests.models.conftest import CONF

ROOT2 = math.sqrt(2.0)
# User 0 chose items 0 and 1, user 1 chose items 1 and 2. What they start from (Eq. 1-2; X: half projected, half free):
P = {"a": [[0.6, 0.8], [1.0, 0.0]], "b": [[0.0, 1.0], [0.0, 1.0]]}
X = {"a": [[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]], "b": [[0.0, 1.0], [0.0, 1.0], [0.0, 1.0]]}
# In two dimensions the centred vectors are multiples of (1, -1), so r is 1 (same side of the diagonal) or -1.
#
# Modality a, W swaps the two entries.
# Layer 1, Eq. 3, 5: user 0 hears items 0, 1, both x > y: alpha 1, 1. User 1 hears 1 (x > y), 2 (x < y): 1/2, 1/2.
U1 = [[(0.0 + 0.6) / ROOT2, (1.0 + 0.8) / ROOT2], [0.5 * (0.6 + 1.0) / ROOT2, 0.5 * (0.8 + 0.0) / ROOT2]]
# Eq. 4, 6: item 0 hears user 0 alone, item 2 user 1 alone: alpha 1. Item 1 hears 0 (x < y) and 1 (x > y): 1/2, 1/2.
I1 = [[0.8, 0.6], [0.5 * (0.8 + 0.0) / ROOT2, 0.5 * (0.6 + 1.0) / ROOT2], [0.0, 1.0]]
# Layer 2: user 0 hears item 0 (.8 > .6) and item 1 (x < y): 1/2, 1/2. User 1 hears items 1 and 2, both x < y: 1, 1.
U2 = [
    [0.5 * (I1[0][1] + I1[1][1]) / ROOT2, 0.5 * (I1[0][0] + I1[1][0]) / ROOT2],
    [(I1[1][1] + I1[2][1]) / ROOT2, (I1[1][0] + I1[2][0]) / ROOT2],
]
# Item 0 hears user 0, item 2 user 1. Item 1 hears user 0 (x < y) and user 1 (.8 > .4): 1/2, 1/2.
I2 = [
    [U1[0][1], U1[0][0]],
    [0.5 * (U1[0][1] + U1[1][1]) / ROOT2, 0.5 * (U1[0][0] + U1[1][0]) / ROOT2],
    [U1[1][1], U1[1][0]],
]
# Modality b, W = 1: all vectors are (0, y), all r are 1, so a node is the sum of its neighbours by root of its degree.
# y of users: 1, 2/sqrt 2, (1 + sqrt 2)/sqrt 2; of items 0 and 2: 1, 1, sqrt 2; of item 1: 1, 2/sqrt 2, 2 sqrt 2/sqrt 2.
USER_B, ITEM_B, MIDDLE_B = 1 + ROOT2 + (1 + ROOT2) / ROOT2, 1 + 1 + ROOT2, 1 + ROOT2 + 2
# Eq. 7-8: sums of layers 0 to 2, a beside b.
USER = [[P["a"][u][d] + U1[u][d] + U2[u][d] for d in (0, 1)] + [0.0, USER_B] for u in (0, 1)]
ITEM = [
    [X["a"][i][d] + I1[i][d] + I2[i][d] for d in (0, 1)] + [0.0, y] for i, y in enumerate((ITEM_B, MIDDLE_B, ITEM_B))
]
# Eq. 9-12 with the matrices 2 for a and 1 for b. Eq. 13: each user has the other as its only neighbour.
# Eq. 14: item 0 has item 1 with e = ln 3 and itself with e = 0: 3/4, 1/4; item 1 has item 2; item 2 has none.
FINAL_USER = [
    [2 * USER[0][0] + 1.0, 2 * USER[0][1] + 0.0, 0.0, USER_B + 1.0],
    [2 * USER[1][0] + 0.6, 2 * USER[1][1] + 0.8, 0.0, USER_B + 1.0],
]
FINAL_ITEM = [
    [2 * ITEM[0][0] + 0.75 * 0.8 + 0.25 * 1.0, 2 * ITEM[0][1] + 0.75 * 0.6, 0.0, ITEM_B + 1.0],
    [2 * ITEM[1][0] + 0.0, 2 * ITEM[1][1] + 1.0, 0.0, MIDDLE_B + 1.0],
    [2 * ITEM[2][0], 2 * ITEM[2][1], 0.0, ITEM_B],
]


@pytest.fixture
def tiny():
    graph = HeteroData(user={"num_nodes": 2}, item={"num_nodes": 3})
    graph["item"].x_a, graph["item"].x_b = torch.tensor(X["a"]), torch.tensor(X["b"])
    graph[INTERACTS].edge_index = torch.tensor([[0, 0, 1, 1], [0, 1, 1, 2]])
    graph[REV_INTERACTS].edge_index = graph[INTERACTS].edge_index.flip(0)
    users, items = graph["user", "co_interacts", "user"], graph["item", "similar", "item"]
    users.edge_index, users.edge_weight = torch.tensor([[1, 0], [0, 1]]), torch.tensor([1.0, 1.0])
    items.edge_index = torch.tensor([[1, 0, 2], [0, 0, 1]])
    items.edge_weight = torch.tensor([math.log(3.0), 0.0, 0.3])
    return Degrees()(graph)


WORDS = OmegaConf.load(CONF / "ablation" / "nsmar_plus-printed.yaml")
NSMAR_DEFAULTS = inspect.signature(NSMAR).parameters
PRINTED = {
    "normalize": False,
    "norm": "printed",
    "layer_weight": True,
    "combine": "sum",
    "stretch": True,
    "graph_input": "initial",
}


def by_hand(graph, **options):
    """The model with the weights of the numbers above."""
    torch.manual_seed(0)
    model = NSMAR(graph, emb_dim=2, hidden_dim=None, alignment="matrix", **(PRINTED | options))
    identity = torch.eye(2)
    weights = {f"nodes.user.{name}": torch.tensor(rows) for name, rows in P.items()}
    weights |= {f"nodes.item.{name}": 0.5 * torch.tensor(rows) for name, rows in X.items()}
    weights |= {f"nodes.project.modality.{name}.weight": 0.5 * identity for name in P}
    weights |= {f"nodes.project.modality.{name}.bias": torch.zeros(2) for name in P}
    weights |= {"transform.a.weight": identity.flip(0), "transform.b.weight": identity}
    weights |= {"align.modality.a.weight": 2 * identity, "align.modality.b.weight": identity}
    model.load_state_dict(weights, strict=False)
    return model


def test_eq_3_to_16(tiny):
    encoding = by_hand(tiny, scorer="dot")(tiny)
    torch.testing.assert_close(encoding.user.detach(), torch.tensor(FINAL_USER))
    torch.testing.assert_close(encoding.item.detach(), torch.tensor(FINAL_ITEM))


def test_eq_9_and_10_without_the_graphs(tiny):
    """GUI: what is left is u_mf, i_mf; its parts stand in the views."""
    encoding = by_hand(tiny, scorer="dot", num_graph_layers=0)(tiny)
    scaled = torch.tensor(USER) * torch.tensor([2.0, 2.0, 1.0, 1.0])
    torch.testing.assert_close(encoding.user.detach(), scaled)
    torch.testing.assert_close(all_views(encoding)["aligned.a"]["user"].detach(), scaled[:, :2])
    torch.testing.assert_close(all_views(encoding)["ego.a"]["item"].detach(), torch.tensor(X["a"]))


def test_eq_17_pair(tiny):
    """One unit on [z_u || z_i], weights 1 on the last entries of both and bias -1; out 3: y = 3 (z_u + z_i - 1)."""
    model = by_hand(tiny, scorer="pair", scorer_dim=1)
    last = torch.tensor([[0.0, 0.0, 0.0, 1.0]])
    model.pair.load_state_dict(
        {
            "user.weight": last,
            "item.weight": last,
            "item.bias": torch.tensor([-1.0]),
            "out.weight": torch.tensor([[3.0]]),
        }
    )
    encoding = model(tiny)
    expected = [3 * (USER_B + 1 + y - 1) for y in (ITEM_B + 1, MIDDLE_B + 1, ITEM_B)]
    torch.testing.assert_close(model.score(encoding, torch.tensor([1])), torch.tensor([expected]))
    pair = model.score_pairs(encoding, torch.tensor([1]), torch.tensor([2]))
    torch.testing.assert_close(pair.detach(), torch.tensor(expected[2:]))


def test_eq_19_with_the_shipped_config(tiny):
    """-ln sigmoid(y_00 - y_02) + 1e-3 (||z_u||^2 + ||z_i||^2 + ||z_j||^2), for one triplet."""
    model = by_hand(tiny, scorer="dot")
    objective = hydra.utils.instantiate(OmegaConf.load(CONF / "loss" / "nsmar_plus.yaml"))
    batch = Triplets(torch.tensor([0]), torch.tensor([0]), torch.tensor([2]))
    losses = objective(model, model(tiny), batch)
    scores = [sum(u * i for u, i in zip(FINAL_USER[0], item, strict=True)) for item in FINAL_ITEM]
    assert losses["bpr"].item() == pytest.approx(math.log1p(math.exp(scores[2] - scores[0])), rel=1e-5)
    squares = [sum(x * x for x in vector) for vector in (FINAL_USER[0], FINAL_ITEM[0], FINAL_ITEM[2])]
    assert losses["reg"].item() == pytest.approx(1e-3 * sum(squares), rel=1e-5)


def test_only_the_sampled_neighbours_speak_but_all_are_counted(tiny):
    """K = 1, modality a, L = 1: user 0 hears one item with alpha 1, divided by sqrt 2, the root of all its items."""
    model = by_hand(tiny, scorer="dot", num_layers=1, num_graph_layers=0, max_neighbors=1)
    heard = {(1.0, 0.0): set(), (0.8, 0.6): set()}
    for epoch in range(20):
        sampled = model.training_graph(tiny, epoch)
        assert sampled[REV_INTERACTS].edge_index.shape == (2, 2)
        x, y = (model(sampled).user[0, :2] / 2 - torch.tensor(P["a"][0])).tolist()
        nearest = min(heard, key=lambda item: abs(item[1] / ROOT2 - x) + abs(item[0] / ROOT2 - y))
        assert (x, y) == pytest.approx((nearest[1] / ROOT2, nearest[0] / ROOT2), abs=1e-6)
        heard[nearest].add(epoch)
    assert all(heard.values()), "other neighbours in other epochs"


def test_the_defaults_where_all_neighbours_are_alike(tiny):
    """Modality b: vectors (0, y), r = 1, starts at length 1; LightGCN's mean of layers, plus what the graphs say."""
    model = by_hand(tiny, **{name: NSMAR_DEFAULTS[name].default for name in PRINTED})
    with torch.no_grad():
        model.nodes.item["b"].mul_(3)
        model.align.modality["b"].weight.mul_(3)
    encoding = model(tiny)
    user, item = torch.ones(2), torch.ones(3)
    adjacency = torch.tensor([[1, 1, 0], [0, 1, 1]]) / torch.tensor([[ROOT2], [ROOT2]]) / torch.tensor([1, ROOT2, 1])
    users, items = user.clone(), item.clone()
    for _ in range(2):
        user, item = adjacency @ item, adjacency.T @ user
        users, items = users + user, items + item
    smooth = torch.tensor([[0.25, 0.75, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]])
    torch.testing.assert_close(encoding.user[:, 3].detach(), (users + users.flip(0)) / 3)
    torch.testing.assert_close(encoding.item[:, 3].detach(), (items + smooth @ items) / 3)


def test_as_printed_the_perceptrons_take_the_place_of_what_they_read(tiny):
    """Eq. 9-10 with W and the shared layer 1: LeakyReLU lets through what is positive, and all of it is here."""
    options = {name: value for name, value in WORDS.model.items() if name != "scorer"}
    torch.manual_seed(0)
    model, like = NSMAR(tiny, emb_dim=2, num_graph_layers=0, **options), by_hand(tiny, num_graph_layers=0)
    model.load_state_dict({k: w for k, w in like.state_dict().items() if not k.startswith("align")}, strict=False)
    weights = {f"{name}.bias": torch.zeros(2) for name in ("modality.a", "modality.b", "shared")}
    weights |= {"modality.a.weight": 2 * torch.eye(2), "modality.b.weight": torch.eye(2), "shared.weight": torch.eye(2)}
    model.align.load_state_dict(weights)
    scaled = torch.tensor(USER) * torch.tensor([2.0, 2.0, 1.0, 1.0])
    torch.testing.assert_close(model(tiny).user.detach(), scaled)


def test_the_words_for_print_are_those_that_the_equations_are_checked_with():
    assert PRINTED.items() <= dict(WORDS.model).items()
    assert (WORDS.model.residual, WORDS.model.scorer) == (False, "pair")
    assert (WORDS.loss.terms.reg.of, WORDS.loss.terms.reg.weight) == ("table.*", 1e-3)


def test_scores_are_scaled_by_their_factor(tiny):
    plain, scaled = (by_hand(tiny, score_scale=scale) for scale in (1, 2.5))
    users = torch.arange(2)
    scores = [model.score(model(tiny), users) for model in (plain, scaled)]
    torch.testing.assert_close(scores[1], 2.5 * scores[0])
