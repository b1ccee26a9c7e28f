import numpy as np
import pytest
import torch
from scipy import stats

from mmgraph.pipeline.serving.normalised import NORMALISED, rank_scores, z_scores


@pytest.fixture
def scores():
    return torch.randn(5, 40).round(decimals=1)  # with ties


@pytest.fixture
def candidate():
    return torch.rand(5, 40) < 0.7


def test_z_scores_are_those_of_the_candidates(scores, candidate):
    found = z_scores(scores, candidate)
    for row, mask, z in zip(scores.numpy(), candidate.numpy(), found.numpy(), strict=True):
        np.testing.assert_allclose(z[mask], stats.zscore(row[mask].astype(float)), rtol=1e-5, atol=1e-6)


def test_ranks_are_shares_of_the_candidates_below(scores, candidate):
    found = rank_scores(scores, candidate)
    for row, mask, share in zip(scores.numpy(), candidate.numpy(), found.numpy(), strict=True):
        expected = (stats.rankdata(row[mask]) - 0.5) / mask.sum()
        np.testing.assert_allclose(share[mask], expected, rtol=1e-5)
        assert (share[~mask] < 0).all()


def test_equal_scores_say_nothing():
    everything = torch.ones(1, 3, dtype=torch.bool)
    assert z_scores(torch.ones(1, 3), everything).tolist() == [[0, 0, 0]]
    assert rank_scores(torch.ones(1, 3), everything).tolist() == [[0.5, 0.5, 0.5]]


@pytest.mark.parametrize("name", NORMALISED)
def test_what_is_never_listed_stays_so_and_does_not_count(name):
    scores = torch.tensor([[1.0, -torch.inf, 3.0, 9.0]])
    candidate = torch.tensor([[True, True, True, False]])
    found = NORMALISED[name](scores, candidate)
    assert found[0, 1] == -torch.inf
    assert found[0, 0] < found[0, 2] < torch.inf


@pytest.mark.parametrize("name", NORMALISED)
def test_scale_and_company_change_nothing(name, scores, candidate):
    found = NORMALISED[name](scores, candidate)
    torch.testing.assert_close(NORMALISED[name](3 * scores + 5, candidate), found, rtol=1e-4, atol=1e-5)
    assert torch.equal(NORMALISED[name](scores[1:2], candidate[1:2]), found[1:2])
