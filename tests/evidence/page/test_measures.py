import numpy as np
import pytest
from scipy import stats

from mmgraph.evidence.finished import find_runs, group_by_seed
from mmgraph.evidence.page.measures import Measures, mean_interval
from tests.evidence.page.runs import hits_of, save_run, without_hits

FIRST = [1, 0, 1, 1, 0, 0]
SECOND = [0, 1, 0, 0, 0, 1]


def measures(folder):
    (group,) = group_by_seed(find_runs([folder]))
    return Measures.of(group)


def test_the_interval_is_that_of_scipy():
    values = np.random.default_rng(0).random(30)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert mean_interval(values) == pytest.approx((expected.low, expected.high))
    assert mean_interval(np.array([0.0, 0.01] * 3))[0] == 0.0, "no metric is below 0"


def test_values_of_users_are_means_over_seeds(tmp_path):
    save_run(tmp_path / "0", "m", hits_of(FIRST, SECOND), seed=0)
    save_run(tmp_path / "1", "m", hits_of(SECOND, FIRST), seed=1)
    found = measures(tmp_path)
    assert found.values["test"]["recall@1"].tolist() == [0.5, 0.5, 0.5, 0.5, 0.0, 0.5]
    interval = found.interval("test", "recall@1")
    assert interval.mean == pytest.approx((3 / 6 + 2 / 6) / 2)
    assert interval.deviation == pytest.approx(np.std([3 / 6, 2 / 6], ddof=1))
    assert found.table()["test"][0][0] == "recall"
    assert found.table()["test"][0][1] == pytest.approx(interval.plain())


def test_why_values_are_missing_is_said(tmp_path):
    without_hits(save_run(tmp_path / "0", "m", hits_of(FIRST, SECOND)))
    found = measures(tmp_path)
    assert "config.yaml" in found.missing
    assert found.interval("test", "recall@1") == (0.5, None, None, None)
    assert found.interval("test", "coverage@1") == (None, None, None, None)
