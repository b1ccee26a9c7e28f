import sys

import pytest
import torch

from mmgraph.config.extras import missing_package
from mmgraph.evidence.projection import METHODS, nearest_in_plane, nearest_neighbors, overlap, project, sample_rows


def clusters():
    """Twenty vectors near each of three axes."""
    centre = torch.eye(6)[:3].repeat_interleave(20, dim=0)
    return centre + 0.05 * torch.randn(60, 6)


@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_clusters_stay_apart_and_a_seed_repeats_them(method):
    x = clusters()
    place = project(x, method=method, seed=3)
    assert place.shape == (60, 2)
    nearest = nearest_in_plane(place, 5)
    cluster = torch.arange(60) // 20
    assert (cluster[nearest] == cluster.unsqueeze(1)).float().mean() > 0.95
    assert (project(x, method=method, seed=3) == place).all()


def test_lengths_do_not_matter():
    x = clusters()
    torch.testing.assert_close(nearest_neighbors(x, 4), nearest_neighbors(x * torch.rand(60, 1).add(0.5), 4))


def test_all_neighbours_and_none():
    near = nearest_neighbors(clusters(), 10)
    assert overlap(near, near.flip(1)) == 1
    assert overlap(near, torch.full_like(near, 1000)) == 0


def test_a_sample_is_seeded_and_has_no_row_twice():
    rows = sample_rows(1000, 100, seed=1)
    assert rows.unique().numel() == 100
    assert (rows == sample_rows(1000, 100, seed=1)).all()
    assert (rows != sample_rows(1000, 100, seed=2)).any()


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="must be one of pca, tsne, umap"):
        project(torch.eye(4), method="tnse")
    with pytest.raises(ValueError, match="three points or more, got 2"):
        project(torch.eye(2))


def test_umap_names_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(ModuleNotFoundError) as caught:
        project(torch.eye(4), method=METHODS[2])
    assert missing_package(caught.value.name) == 'umap is not installed: pip install -e ".[umap]"'
