import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mmgraph.evidence import smoothness as module
from mmgraph.evidence.smoothness import dirichlet_energy, drawn_edges, effective_rank, mean_cosine, smoothness
from mmgraph.typing import Sides

EDGES = torch.tensor([[0, 0, 1, 2], [0, 1, 1, 2]])


def test_vectors_that_are_all_equal_have_no_energy():
    found = smoothness(Sides(torch.full((3, 4), 2.0), torch.full((3, 4), 2.0)), EDGES)
    assert found.energy == found.relative_energy == 0
    assert found.neighbor_cosine == found.random_cosine == pytest.approx(1)
    assert found.user_rank == found.item_rank == pytest.approx(1)


def test_neighbours_that_are_orthogonal_or_opposite():
    user = torch.tensor([[1.0, 0.0]])
    orthogonal, opposite = (Sides(user, torch.tensor([item])) for item in ([0.0, 3.0], [-1.0, 0.0]))
    edges = torch.tensor([[0], [0]])
    assert smoothness(orthogonal, edges).relative_energy == pytest.approx(1)
    assert smoothness(opposite, edges).relative_energy == pytest.approx(2)
    assert smoothness(opposite, edges).neighbor_cosine == pytest.approx(-1)
    assert dirichlet_energy(orthogonal, edges) == pytest.approx(2 * 10 / 2)


def test_energy_is_that_of_the_laplacian():
    sides = Sides(torch.randn(3, 4).double(), torch.randn(3, 4).double())
    adjacency = torch.zeros(6, 6).double()
    adjacency[EDGES[0], EDGES[1] + 3] = 1
    adjacency = adjacency + adjacency.T
    laplacian = adjacency.sum(1).diag() - adjacency
    x = torch.cat(sides)
    assert dirichlet_energy(sides, EDGES) == pytest.approx(float(2 * (x.T @ laplacian @ x).trace() / 6))


@given(st.integers(1, 6), st.integers(0, 20))
def test_orthogonal_vectors_spread_over_as_many_directions(count, seed):
    torch.manual_seed(seed)
    orthogonal = torch.linalg.qr(torch.randn(8, 8).double()).Q[:count]
    assert effective_rank(orthogonal) == pytest.approx(count)
    assert effective_rank(7 * orthogonal.repeat(3, 1)) == pytest.approx(count)


def test_the_rank_is_that_of_the_singular_values(monkeypatch):
    monkeypatch.setattr(module, "_BLOCK", 7)
    x = torch.randn(50, 5) * torch.tensor([1.0, 1, 1, 0.1, 0])
    sigma = torch.linalg.svdvals(x.double())[:4]
    share = sigma / sigma.sum()
    assert effective_rank(x) == pytest.approx(float(torch.exp(-(share * share.log()).sum())))
    assert effective_rank(torch.zeros(3, 2)) == 0


def test_more_edges_than_are_looked_at_are_drawn(monkeypatch):
    whole = smoothness(Sides(torch.randn(3, 4), torch.randn(3, 4)), EDGES.repeat(1, 10))
    monkeypatch.setattr(module, "MAX_EDGES", 30)
    edges = EDGES.repeat(1, 10)
    drawn = drawn_edges(edges)
    assert drawn.shape == (2, 30)
    assert (drawn == drawn_edges(edges)).all()
    alike = Sides(torch.ones(3, 2), torch.zeros(3, 2))
    assert smoothness(alike, edges).energy == pytest.approx(dirichlet_energy(alike, edges))
    assert whole.energy > 0


def test_a_vector_of_zeros_is_like_none():
    assert mean_cosine(Sides(torch.zeros(1, 2), torch.ones(1, 2)), torch.tensor([[0], [0]])) == 0
