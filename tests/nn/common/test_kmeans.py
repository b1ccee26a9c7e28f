import pytest
import torch

from mmgraph.nn import kmeans


def inertia(x, centroids):
    return (x[:, None] - centroids).square().sum(-1).min(1).values.sum()


def test_finds_planted_clusters():
    centers = torch.tensor([[0.0, 0.0], [20.0, 0.0], [0.0, 20.0]])
    planted = torch.arange(60) % 3
    x = centers[planted] + 0.1 * torch.randn(60, 2)
    # Lloyd's algorithm may start with two centroids in one cluster: the best of a few starts is the planted one.
    centroids, cluster = min((kmeans(x, 3) for _ in range(10)), key=lambda found: inertia(x, found[0]))
    means = torch.stack([x[planted == k].mean(0) for k in range(3)])
    nearest = torch.cdist(means, centroids).argmin(1)
    torch.testing.assert_close(centroids[nearest], means, atol=1e-5, rtol=1e-5)
    assert torch.equal(cluster, nearest[planted])


@pytest.mark.parametrize("chunk_size", [7, 4096])
def test_every_point_is_with_its_nearest_centroid(chunk_size):
    x = torch.randn(50, 3)
    centroids, cluster = kmeans(x, 6, num_iterations=4, chunk_size=chunk_size)
    assert torch.equal(cluster, torch.cdist(x, centroids).argmin(1))


def test_each_iteration_brings_centroids_nearer():
    x, found = torch.randn(200, 4), []
    for num_iterations in (0, 1, 2, 5, 30, 31):
        torch.manual_seed(3)
        found.append(inertia(x, kmeans(x, 8, num_iterations=num_iterations)[0]).item())
    assert found == sorted(found, reverse=True)
    assert found[0] > 1.1 * found[-1]
    assert found[-1] == found[-2], "it has converged"


def test_centroids_are_the_means_of_their_points_when_it_has_converged():
    x = torch.randn(80, 2)
    centroids, cluster = kmeans(x, 5, num_iterations=60)
    means = torch.stack([x[cluster == k].mean(0) for k in range(5)])
    torch.testing.assert_close(centroids, means, atol=1e-6, rtol=1e-5)


def test_as_many_clusters_as_points_and_equal_points():
    x = torch.randn(6, 2)
    centroids, cluster = kmeans(x, 6)
    torch.testing.assert_close(centroids[cluster], x)
    centroids, cluster = kmeans(torch.ones(6, 2), 3)
    assert torch.equal(centroids, torch.ones(3, 2)), "a cluster without points stays where it is"


def test_nothing_is_differentiated():
    assert not kmeans(torch.randn(9, 2, requires_grad=True), 2)[0].requires_grad


@pytest.mark.parametrize("num_clusters", [0, 10])
def test_number_of_clusters_out_of_range(num_clusters):
    with pytest.raises(ValueError, match="must be from 1 to the number of points, 9"):
        kmeans(torch.randn(9, 2), num_clusters)
