import numpy as np
import pytest
import torch
from scipy import stats

from mmgraph.evaluation import Hits
from mmgraph.evidence.analyses.anova import AGAINST, OVER_SEEDS, OVER_USERS, analyse
from mmgraph.evidence.finished import FinishedRun
from mmgraph.pipeline.hits import write_hits
from tests.conftest import run_report

USERS = 300
SHARES = {"NSMAR+": 0.6, "SLIM": 0.55, "LightGCN": 0.3}


@pytest.fixture
def runs(tmp_path):
    """Two seeds of three models; whether each user's one item was found is drawn."""

    def make(name, seed):
        generator = torch.Generator().manual_seed(100 * list(SHARES).index(name) + seed)
        hit = torch.rand(USERS, 1, generator=generator) < SHARES[name]
        hits = Hits(torch.arange(USERS), hit, torch.ones(USERS, dtype=torch.long))
        mean = {"recall@1": float(hits.value("recall@1").mean())}
        folder = tmp_path / f"{list(SHARES).index(name)}-{seed}"
        folder.mkdir()
        config = {"seed": seed, "overrides": [], "trainer": {}, "dataset": {}}
        run_report(model=name, seed=seed, config=config, val=mean, test=mean).save(folder / "report.json")
        write_hits(folder, {"test": hits})
        return FinishedRun.open(folder)

    return {name: [make(name, seed) for seed in (0, 1)] for name in SHARES}


def test_models_are_compared_over_users_and_over_seeds(runs):
    found = analyse(runs, metrics=["recall@1"])
    (users,), (seeds,) = found.rows(OVER_USERS), found.rows(OVER_SEEDS)
    assert users["p"] < 1e-6
    means = [[run.report.test["recall@1"] for run in runs[name]] for name in runs]
    assert seeds["p"] == pytest.approx(stats.f_oneway(*means).pvalue)
    slim, lightgcn = found.rows(AGAINST)
    assert lightgcn["difference"] == pytest.approx(np.mean(means[0]) - np.mean(means[2]))
    assert lightgcn["p_holm"] < 1e-6 < slim["p_holm"]
    assert found.figure().axes[0].get_xlabel().startswith("difference in recall@1")


def test_without_seeds_there_is_no_table_of_them_and_of_one_model_none_at_all(runs):
    one = {name: found[:1] for name, found in runs.items()}
    assert OVER_SEEDS not in dict(analyse(one, metrics=["recall@1"]).tables)
    with pytest.raises(ValueError, match=r"one model alone, NSMAR\+"):
        analyse({"NSMAR+": runs["NSMAR+"]})
