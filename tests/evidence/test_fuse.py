import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

import mmgraph as mm
from mmgraph.cli.evaluate import main as evaluate
from mmgraph.cli.fuse import main
from mmgraph.evaluation.pairs import PairSet
from mmgraph.evidence.compare import compare
from mmgraph.evidence.finished import FinishedRun, group_by_seed
from mmgraph.evidence.fuse import fuse
from mmgraph.evidence.fusion_weights import weight_grid
from mmgraph.pipeline.hits import HITS
from mmgraph.serve.open_run import open_run

DATA = {"num_users": 70, "num_items": 50}


@pytest.fixture(scope="module")
def data():
    return mm.Synthetic(**DATA)


@pytest.fixture(scope="module")
def members(data):
    """A model of vectors, two of item weights and counts."""
    epochs = {"lightgcn": 3, "item_knn": None, "popularity": None}
    return [mm.run(name, data, max_epochs=count, verbose=False) for name, count in epochs.items()]


@pytest.fixture(scope="module")
def fused(members, tmp_path_factory):
    return fuse(*members[:2], folder=tmp_path_factory.mktemp("fused") / "run")


def plain_scores(run, split):
    """z-scored scores of all users by NumPy, and which items are theirs in train."""
    serving = run.serving
    users = torch.arange(len(serving.users))
    scores = serving.scorer.score(serving.encoding, users).double().numpy()
    known = np.zeros(scores.shape, dtype=bool)
    known[tuple(serving.known["train"].pairs().numpy())] = True
    rows = np.ma.masked_array(scores, known)
    return (scores - rows.mean(1, keepdims=True).data) / rows.std(1, keepdims=True).data, known


def plain_recall(members, weights, split, k=20):
    """Recall of a weighted sum, by NumPy."""
    total = 0
    for run, weight in zip(members, weights, strict=True):
        scores, known = plain_scores(run, split)
        total = total + weight * scores
    total[known] = -np.inf
    best = np.argsort(-total, axis=1, kind="stable")[:, :k]
    targets = members[0].serving.known[split]
    wanted = np.zeros(total.shape, dtype=bool)
    wanted[tuple(targets.pairs().numpy())] = True
    users = targets.users().numpy()
    return (np.take_along_axis(wanted, best, 1).sum(1) / wanted.sum(1).clip(1))[users].mean()


def weights_of(run):
    return [member["weight"] for member in run.report.fusion["members"]]


def test_the_metrics_are_those_of_the_weighted_sum(members, fused):
    for split in ("val", "test"):
        expected = plain_recall(members[:2], weights_of(fused), split)
        assert getattr(fused, split)["recall@20"] == pytest.approx(expected, abs=1e-6)


def test_the_weights_are_the_best_on_validation(members, fused):
    values = [plain_recall(members[:2], weights, "val") for weights in weight_grid(2)]
    assert fused.val["recall@20"] == pytest.approx(max(values), abs=1e-6)
    assert fused.report.fusion["value"] == pytest.approx(max(values), abs=1e-6)
    assert tuple(weights_of(fused)) in weight_grid(2)
    assert fused.report.fusion["weights_tried"] == 21


def test_other_test_labels_change_no_weight(members, fused):
    others = [mm.load(member.folder) for member in members[:2]]
    for run in others:
        serving = run.serving
        pairs = serving.known["test"].pairs()
        moved = torch.stack([pairs[0], (pairs[1] + 7) % len(serving.items)])
        sizes = {"num_users": len(serving.users), "num_items": len(serving.items)}
        run.serving = replace(serving, known=serving.known | {"test": PairSet.of([moved], **sizes)})
    found = fuse(*others)
    assert weights_of(found) == weights_of(fused)
    assert found.val == fused.val
    assert found.test != fused.test


def test_ranks_and_several_members(members):
    found = fuse(*members, scores="rank", metric="ndcg@5")
    assert found.val["ndcg@5"] >= max(member.val["ndcg@5"] for member in members) - 0.005
    assert sum(weights_of(found)) == pytest.approx(1)
    assert [member["model"] for member in found.report.fusion["members"]] == ["lightgcn", "item_knn", "popularity"]


def test_a_fused_run_stands_by_itself(members, fused, tmp_path):
    moved = tmp_path / "moved"
    shutil.copytree(fused.folder, moved)
    found = mm.load(moved)
    lists = found.recommend("all", k=50, exclude=["train"])
    total = sum(w * plain_scores(run, "test")[0] for w, run in zip(weights_of(fused), members, strict=False))
    users = torch.arange(len(found.serving.users))
    np.testing.assert_allclose(
        np.take_along_axis(total, lists.ids.clamp(min=0).numpy(), 1)[lists.ids.numpy() >= 0],
        lists.scores.numpy()[lists.ids.numpy() >= 0],
        rtol=1e-4,
        atol=1e-5,
    )
    assert users.numel() == lists.ids.size(0)
    with pytest.raises(ValueError, match="this model has none"):
        found.similar_items([1])


def test_it_is_ranked_again_from_its_folder(fused, capsys):
    evaluate([str(fused.folder)])
    assert "equal to" in capsys.readouterr().out
    before = FinishedRun.open(fused.folder).hits
    (fused.folder / HITS).unlink()
    after = FinishedRun.open(fused.folder).hits
    assert all(torch.equal(a, b) for split in before for a, b in zip(before[split], after[split], strict=True))


def test_people_with_a_history_get_what_the_members_make_of_it(members, fused):
    history = [[3, 14, 15]]
    found = fused.recommend(histories=history, k=50)
    assert set(found.ids[0].tolist()).isdisjoint({3, 14, 15})
    parts = []
    for member, weight in zip(members, weights_of(fused), strict=False):
        one = member.recommend(histories=history, k=47)
        scores = one.scores[0].double()
        z = (scores - scores.mean()) / scores.std(correction=0)
        parts.append(torch.zeros(50, dtype=torch.double).index_put((one.ids[0],), weight * z))
    listed = found.ids[0] >= 0
    torch.testing.assert_close(sum(parts)[found.ids[0][listed]], found.scores[0][listed].double(), rtol=1e-4, atol=1e-5)


def test_it_is_served(members, fused):
    served = open_run(fused.folder)
    known = served.history(3)
    (found,) = served.ranker.for_users(np.array([3]), 5, [[known]])
    assert found.items.tolist() == fused.recommend([3], k=5).ids[0].tolist()
    (one,) = served.ranker.for_histories([np.array([3, 14])], 5, [[np.array([3, 14])]])
    assert one.items.tolist() == fused.recommend(histories=[[3, 14]], k=5).ids[0].tolist()


def test_a_fusion_can_be_a_member(members, fused):
    found = fuse(fused, members[2])
    assert found.val["recall@20"] >= fused.val["recall@20"] - 0.005


def test_it_is_compared_like_any_run(members, fused, data):
    found = compare(fused, *members)
    names = {row.name.partition(" ")[0] for row in found.rows}
    assert names == {"fusion", "lightgcn", "item_knn", "popularity"}
    assert next(row for row in found.rows if row.name.startswith("fusion")).deviation is None
    other = mm.run("lightgcn", data, max_epochs=3, seed=1, verbose=False)
    again = fuse(other, members[1])
    (group,) = group_by_seed([FinishedRun.open(run.folder) for run in (fused, again)])
    assert group.seeds == [0, 1]


def test_it_takes_no_new_nodes(fused):
    with pytest.raises(ValueError, match="a fusion ranks by what its members knew, and takes no new nodes"):
        fused.with_new(users={"eve": [3]})


def test_what_it_ranks_by_is_gone(fused, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(fused.folder, folder)
    shutil.rmtree(folder / "serving")
    with pytest.raises(FileNotFoundError, match="mmgraph-fuse makes it again of its members"):
        mm.load(folder).recommend([1])


def test_runs_that_cannot_be_fused_are_refused(members, fused, tmp_path):
    other = mm.run("popularity", mm.Synthetic(seed=7, **DATA), verbose=False)
    with pytest.raises(ValueError, match="are of different splits"):
        fuse(members[0], other)
    with pytest.raises(ValueError, match="are the same run"):
        fuse(members[0], members[0].folder)
    with pytest.raises(ValueError, match="a fusion takes 2 to 12 runs, got 1"):
        fuse(members[0])
    with pytest.raises(FileExistsError, match="is there already"):
        fuse(*members, folder=fused.folder)
    with pytest.raises(ValueError, match="scores='max': must be one of z_score, rank"):
        fuse(*members, scores="max")
    for metric in ("coverage@20", "recall", "recall@x"):
        with pytest.raises(ValueError, match="must be NAME@K"):
            fuse(*members, metric=metric)
    assert not list(tmp_path.iterdir())


def test_the_command_writes_the_run_and_prints_its_members(members, tmp_path, capsys):
    folders = [str(member.folder) for member in members[:2]]
    main([*folders, f"folder={tmp_path / 'fused'}", "metric=recall@10"])
    out = capsys.readouterr().out
    assert "the best of 21 on validation recall@10" in out
    assert mm.load(tmp_path / "fused").report.model == "fusion"
    with pytest.raises(SystemExit):
        main(folders)
    assert "folder= is missing" in capsys.readouterr().err
