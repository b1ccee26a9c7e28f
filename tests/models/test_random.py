import pytest
import torch
from scipy.stats import kstest

from mmgraph.models import Random
from mmgraph.models import random as module
from tests.conftest import bipartite_graph


@pytest.fixture(scope="module")
def large():
    return bipartite_graph(num_users=300, num_items=700)


def all_scores(graph, seed=0):
    model = Random(graph, seed=seed)
    return model.score(model(graph), torch.arange(graph["user"].num_nodes))


def test_scores_do_not_depend_on_company_or_blocks(large, monkeypatch):
    whole = all_scores(large)
    model = Random(large)
    encoding = model(large)
    assert torch.equal(torch.cat([model.score(encoding, user) for user in torch.arange(300).split(7)]), whole)
    monkeypatch.setattr(module, "BLOCK_SIZE", 1000)
    assert torch.equal(all_scores(large), whole)


def test_pairs_equal_rows(large):
    model, user = Random(large), torch.tensor([5, 299, 5])
    encoding = model(large)
    item = torch.tensor([[0, 699], [3, 3], [1, 0]])
    rows = model.score(encoding, user)
    assert torch.equal(model.score_pairs(encoding, user, item), rows.gather(1, item))
    assert torch.equal(model.score_pairs(encoding, user, item[:, 0]), rows.gather(1, item[:, :1]).squeeze(1))


def test_scores_are_uniform_in_every_direction(large):
    scores = all_scores(large).double()
    assert 0 < scores.min() < 1e-4
    assert 1 - 1e-4 < scores.max() < 1
    assert kstest(scores.flatten()[::17].numpy(), "uniform").pvalue > 1e-3
    expected_sd = (1 / 12) ** 0.5
    for dim, count in ((0, 300), (1, 700)):
        assert (scores.mean(dim) - 0.5).abs().max() < 5 * expected_sd / count**0.5
    for table in (scores, scores.T):
        correlation = torch.corrcoef(table).fill_diagonal_(0)
        assert correlation.abs().max() < 6 / table.size(1) ** 0.5


@pytest.mark.parametrize("seed", [1, -1, 2**40])
def test_another_seed_gives_other_scores(large, seed):
    both = torch.stack([all_scores(large).flatten(), all_scores(large, seed).flatten()])
    assert torch.corrcoef(both)[0, 1].abs() < 0.01


def test_subgraph_keeps_the_scores_of_its_nodes(large):
    user, item = torch.tensor([7, 250]), torch.tensor([600, 3, 44])
    part = bipartite_graph(num_users=2, num_items=3)
    part["user"].n_id, part["item"].n_id = user, item
    model = Random(large)
    assert torch.equal(model.score(model(part), torch.arange(2)), all_scores(large)[user][:, item])


def test_nothing_to_train(large):
    assert Random(large).fit_closed_form(large) is True
