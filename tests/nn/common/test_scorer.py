"""Eq. 17 of NSMAR+ by hand, and ranking against the literal perceptron of each pair."""

import torch

from mmgraph.nn import PairMLP, TwoTowers


def test_pair_numbers_worked_out_by_hand():
    """z_u = (1, 2), z_i = (3, -1): units 1 + 3 - 1 = 3 and 2 - 3 - 1 + 0 = -2 -> 0; y = 2 * 3 + 5 * 0."""
    scorer = PairMLP(2, hidden_dim=2)
    scorer.load_state_dict(
        {
            "user.weight": torch.tensor([[1.0, 0.0], [0.0, 1.0]]),
            "item.weight": torch.tensor([[1.0, 0.0], [-1.0, 1.0]]),
            "item.bias": torch.tensor([-1.0, 0.0]),
            "out.weight": torch.tensor([[2.0, 5.0]]),
        }
    )
    user, item = torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, -1.0]])
    assert scorer(user, item).tolist() == [6.0]
    assert scorer.rank(user, item).tolist() == [[6.0]]


def test_the_split_layer_is_one_perceptron_on_the_pair():
    scorer = PairMLP(5, hidden_dim=7)
    user, item = torch.randn(4, 5), torch.randn(4, 5)
    hidden = torch.nn.functional.linear(
        torch.cat([user, item], dim=1), torch.cat([scorer.user.weight, scorer.item.weight], dim=1), scorer.item.bias
    )
    torch.testing.assert_close(scorer(user, item), (hidden.relu() @ scorer.out.weight.T).squeeze(1))


def test_towers_are_a_product_of_two_corrected_vectors():
    scorer = TwoTowers(3, hidden_dim=2)
    user, item = torch.randn(4, 3), torch.randn(4, 3)
    u, i = dict(scorer.user.named_parameters()), dict(scorer.item.named_parameters())
    of_user = user + (user @ u["0.weight"].T + u["0.bias"]).clamp(min=0) @ u["2.weight"].T + u["2.bias"]
    of_item = item + (item @ i["0.weight"].T + i["0.bias"]).clamp(min=0) @ i["2.weight"].T
    torch.testing.assert_close(scorer(user, item), (of_user, of_item))


def test_ranking_equals_the_pairs_across_tiles():
    scorer, user, item = PairMLP(6, hidden_dim=9), torch.randn(300, 6), torch.randn(530, 6)
    ranked = scorer.rank(user, item)
    pairs = scorer(user, item.expand(300, -1, -1))
    torch.testing.assert_close(ranked, pairs, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(scorer(user, item[:300]), ranked.diagonal(), atol=1e-5, rtol=1e-5)


def test_a_score_does_not_depend_on_who_else_is_ranked():
    scorer, user, item = PairMLP(8), torch.randn(320, 8), torch.randn(700, 8)
    whole = scorer.rank(user, item)
    assert torch.equal(torch.cat([scorer.rank(part, item) for part in user.split(32)]), whole)


def test_every_parameter_matters_to_a_difference_of_scores():
    """What cancels between two items of a user could never be trained by BPR."""
    scorer = PairMLP(6, hidden_dim=9)
    user, item = torch.randn(50, 6), torch.randn(50, 2, 6)
    scores = scorer(user, item)
    (scores[:, 0] - scores[:, 1]).sigmoid().sum().backward()
    assert all(parameter.grad.abs().max() > 1e-4 for parameter in scorer.parameters())
