import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmgraph.evaluation import Hits
from mmgraph.pipeline.hits import HITS, read_hits, write_hits


def some_hits(users=5, k=11, seed=0):
    hit = torch.rand(users, k, generator=torch.Generator().manual_seed(seed)) < 0.3
    return Hits(torch.arange(users) * 3 + 1, hit, hit.sum(-1) + 1)


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 40), st.integers(1, 60), st.integers(0, 999))
def test_what_is_written_is_read(tmp_path_factory, users, k, seed):
    folder = tmp_path_factory.mktemp("run")
    write_hits(folder, {"val": some_hits(users, k, seed), "test": some_hits(2, k, seed)})
    found = read_hits(folder)
    assert list(found) == ["val", "test"]
    assert all(torch.equal(a, b) for a, b in zip(found["val"], some_hits(users, k, seed), strict=True))


@pytest.mark.parametrize(
    "changed",
    [
        {"val.hit": np.zeros((5, 9), np.uint8)},
        {"val.user": np.zeros(5, np.int32)},
        {"val.relevant": np.zeros(5, np.int32)},
        {"val.k": np.arange(3)},
        {"other": np.arange(3)},
    ],
)
def test_a_damaged_file_is_refused_by_name(tmp_path, changed):
    write_hits(tmp_path, {"val": some_hits()})
    arrays = dict(np.load(tmp_path / HITS)) | changed
    np.savez(tmp_path / HITS, **arrays)
    with pytest.raises(ValueError, match=r"hits\.npz is damaged"):
        read_hits(tmp_path)


def test_a_run_keeps_what_it_found_and_the_means_are_those_of_its_report(shop_run):
    for split, found in read_hits(shop_run.folder).items():
        reported = getattr(shop_run.report, split)
        assert float(found.value("recall@5").mean()) == pytest.approx(reported["recall@5"], abs=1e-12)
