import numpy as np
import pytest
from scipy import stats

from mmgraph.evidence.finished import find_runs, group_by_seed
from mmgraph.evidence.page.leaderboard import best_first, leaderboard
from mmgraph.evidence.page.measures import Measures
from tests.evidence.page.runs import hits_of, save_run, without_hits

RNG = np.random.default_rng(0)
GOOD = RNG.random(200) < 0.8
NEAR = np.where(RNG.random(200) < 0.02, ~GOOD, GOOD)
POOR = RNG.random(200) < 0.3


def found(values):
    return hits_of(values, np.zeros(values.size, dtype=bool))


def rows_of(folder, metric="recall@1"):
    return leaderboard([Measures.of(group) for group in group_by_seed(find_runs([folder]))], metric)


@pytest.fixture
def runs(tmp_path):
    save_run(tmp_path / "a", "poor", found(POOR), minutes=2.0, parameters=10)
    save_run(tmp_path / "b", "good", found(GOOD), words=["loss=bpr"], peak_memory_bytes={"cpu": 2**20, "cuda": 2**21})
    save_run(tmp_path / "c", "near", found(NEAR))
    return tmp_path


def test_rows_state_means_times_and_sizes(runs):
    poor, good, near = rows_of(runs)
    assert (poor["model"], good["words"], near["seeds"]) == ("poor", "loss=bpr", [0])
    assert [row["test"][0] for row in (poor, good, near)] == pytest.approx([POOR.mean(), GOOD.mean(), NEAR.mean()])
    assert (poor["minutes"], poor["epoch_seconds"], poor["parameters"], good["memory"]) == (2.0, 120.0, 10.0, 2.0)


def test_rows_of_the_same_words_name_the_settings_that_differ(tmp_path):
    for name, patience in (("a", 5), ("b", 20)):
        config = {"overrides": ["model=m", "loss=bpr"], "trainer": {"patience": patience}}
        save_run(tmp_path / name, "m", found(GOOD), config=config)
    words = [row["words"] for row in rows_of(tmp_path)]
    assert words == ["loss=bpr trainer.patience=5", "loss=bpr trainer.patience=20"]


def test_what_a_paired_test_does_not_tell_apart_from_the_best_is_marked(runs):
    poor, good, near = rows_of(runs)
    best, other = (good, near) if GOOD.mean() >= NEAR.mean() else (near, good)
    second, top = sorted([GOOD * 1.0, NEAR * 1.0], key=np.mean)
    p = [stats.ttest_rel(values, top).pvalue for values in (POOR, second)]
    assert best["against"] == {"best": True}
    assert other["against"] == {"best": False, "p": pytest.approx(p[1], rel=1e-3), "apart": False}
    assert poor["against"] == {"best": False, "p": pytest.approx(2 * p[0], rel=1e-3), "apart": True}, "Holm's: twice"


def test_data_sets_and_rules_of_ranking_have_a_best_each(runs, tmp_path):
    save_run(tmp_path / "d", "good", found(GOOD), dataset="other")
    strict = {"overrides": [], "evaluator": {"mask": {"test": ["train", "val"]}}}
    save_run(tmp_path / "e", "poor", found(POOR), config=strict)
    rows = rows_of(runs)
    assert [row["against"]["best"] for row in rows].count(True) == 3
    assert len({row["arena"] for row in rows}) == 3
    ordered = sorted(rows, key=best_first)
    assert [row["dataset"] for row in ordered] == ["other", *["tiny"] * 4]


def test_addresses_are_plain_and_each_its_own(tmp_path):
    for number, words in enumerate([["a=<b>"], ["a=>b<"], ["a=/b/"]]):
        save_run(tmp_path / str(number), "m", found(GOOD), words=words)
    assert [row["slug"] for row in rows_of(tmp_path)] == ["tiny-m-a-b", "tiny-m-a-b--2", "tiny-m-a-b--3"]


def test_runs_without_values_of_users_have_a_row_and_no_verdict(runs):
    without_hits(runs / "c")
    near = rows_of(runs)[2]
    assert near["test"] == [pytest.approx(NEAR.mean()), None, None, None]
    assert near["against"] is None


def test_a_metric_that_no_run_has_is_named(runs):
    with pytest.raises(ValueError, match="metric=mrr@9: no run has it; they have recall@1, recall@2, ndcg@1, ndcg@2"):
        rows_of(runs, "mrr@9")
