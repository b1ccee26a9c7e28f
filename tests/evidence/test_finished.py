import pytest
import torch

from mmgraph.config.compose import compose_config
from mmgraph.evaluation import Hits
from mmgraph.evidence.finished import FinishedRun, find_runs, group_by_seed
from mmgraph.pipeline.hits import HITS, write_hits
from mmgraph.pipeline.run import train
from tests.conftest import run_report


def save(folder, *, seed=0, weight=1.0, recall=0.5, root="/here"):
    overrides = ["model=mf_bpr", f"seed={seed}", f"loss.weight={weight}", f"dataset.root={root}"]
    config = {
        "seed": seed,
        "overrides": overrides,
        "loss": {"weight": weight},
        "trainer": {},
        "dataset": {"root": root},
    }
    folder.mkdir(parents=True)
    run_report(seed=seed, config=config, val={"recall@2": recall}, test={"recall@2": recall}).save(
        folder / "report.json"
    )
    return folder


def test_runs_that_differ_in_seed_and_place_share_a_group(tmp_path):
    save(tmp_path / "b", seed=1, root="/there", recall=0.25)
    save(tmp_path / "deep" / "a", seed=0, weight=1)
    save(tmp_path / "other", seed=0, weight=2.0)
    save(tmp_path / "twice", seed=1)
    both, other = group_by_seed(find_runs([tmp_path]))
    assert both.seeds == [0, 1]
    assert both.metric("test", "recall@2") == [0.5, 0.25]
    assert other.name == "rednd loss.weight=2.0"


def test_settings_that_follow_the_seed_keep_no_two_runs_apart(tmp_path):
    for seed in (0, 1):
        words = ["model=random", "dataset.num_users=60", "dataset.num_items=60", f"seed={seed}"]
        train(compose_config(words), tmp_path / str(seed), verbose=False)
    assert [group.seeds for group in group_by_seed(find_runs([tmp_path]))] == [[0, 1]]


def test_a_folder_given_twice_counts_once(tmp_path):
    save(tmp_path / "a")
    assert len(find_runs([tmp_path, tmp_path / "a"])) == 1


def test_folders_without_a_finished_run_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no run in it has ended"):
        find_runs([tmp_path])
    with pytest.raises(FileNotFoundError, match="nowhere"):
        find_runs([tmp_path / "nowhere"])


def test_runs_that_have_not_ended_are_left_out_and_named(tmp_path):
    ended = save(tmp_path / "a")
    for folder in (ended, tmp_path / "b", tmp_path / "deep" / "c"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "identity.json").write_text("{}")
    with pytest.warns(UserWarning, match=r"2 of 3 runs are left out, .*pruned.*: .*/b, .*/deep/c$"):
        (found,) = find_runs([tmp_path])
    assert found.folder == ended


def test_a_metric_that_a_report_lacks_is_named(tmp_path):
    (group,) = group_by_seed(find_runs([save(tmp_path / "a")]))
    with pytest.raises(ValueError, match="no test ndcg@3; it has: recall@2"):
        group.metric("test", "ndcg@3")


def test_hits_of_another_run_are_refused(tmp_path):
    save(tmp_path / "a", recall=0.5)
    write_hits(tmp_path / "a", {"val": Hits(torch.arange(1), torch.tensor([[True, False]]), torch.tensor([1]))})
    with pytest.raises(ValueError, match=r"its mean of val recall@2 is 1\.0"):
        _ = FinishedRun.open(tmp_path / "a").hits


def test_a_run_without_the_file_is_ranked_again_once(trained, tmp_path):
    before = FinishedRun.open(trained).hits
    (trained / HITS).unlink()
    after = FinishedRun.open(trained).hits
    assert (trained / HITS).is_file()
    assert all(torch.equal(a, b) for split in before for a, b in zip(before[split], after[split], strict=True))
