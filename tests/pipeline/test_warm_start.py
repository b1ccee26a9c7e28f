"""A run that begins with the weights of an earlier one."""

import json
import shutil

import pytest
import torch

import mmgraph
from mmgraph.datasets import InHand, Synthetic
from mmgraph.pipeline.report import load_report
from mmgraph.reading import hash_file
from mmgraph.training import CHECKPOINT
from mmgraph.typing import INTERACTS, PARTS

DATA = Synthetic(num_users=80, num_items=60, modalities={"text": 8})[0]
SMALL = {"verbose": False, "overrides": {"model.emb_dim": 8}}


def part(users, items, *, with_text=True):
    """The data of some users and items, in this order, who keep their ids."""
    data = DATA.clone()
    rows = {"user": torch.as_tensor(users), "item": torch.as_tensor(items)}
    for side, kept in rows.items():
        for key in [key for key in data[side] if key not in ("num_nodes", "x_text")]:
            del data[side][key]
        data[side].num_nodes = kept.numel()
        data[side].raw_id = kept
    data["item"].x_text = DATA["item"].x_text[rows["item"]]
    if not with_text:
        del data["item"].x_text
    place = {side: torch.full((200,), -1).index_put((kept,), torch.arange(kept.numel())) for side, kept in rows.items()}
    for key in PARTS.values():
        pairs = DATA[INTERACTS][key]
        moved = torch.stack([place["user"][pairs[0]], place["item"][pairs[1]]])
        data[INTERACTS][key] = moved[:, (moved >= 0).all(0)]
    return InHand(data)


@pytest.fixture(scope="module")
def yesterday(tmp_path_factory):
    """A folder of a run on the first 70 users and 50 items, by falling ids."""
    folder = tmp_path_factory.mktemp("yesterday") / "run"
    mmgraph.run("lightgcn", part(range(69, -1, -1), range(49, -1, -1)), max_epochs=3, folder=folder, **SMALL)
    return folder


def weights_at_start(run):
    """What the model began with: of a run of one epoch with a learning rate of next to nothing."""
    return run.model.state_dict()


def begin(yesterday, data, model="lightgcn", **settings):
    overrides = {**SMALL["overrides"], "trainer.optimizer.lr": 1e-12, **settings.pop("overrides", {})}
    return mmgraph.run(model, data, max_epochs=1, warm_start=yesterday, verbose=False, overrides=overrides, **settings)


def test_rows_go_by_ids_and_new_ones_are_inferred_from_old_ones(yesterday):
    today = begin(yesterday, part(range(80), range(60)))
    old = mmgraph.load(yesterday, data=part(range(69, -1, -1), range(49, -1, -1))).model.state_dict()
    new = weights_at_start(today)
    torch.testing.assert_close(new["user_table"][:70], old["user_table"].flip(0))
    torch.testing.assert_close(new["item_table"][:50], old["item_table"].flip(0))
    drawn = begin_without(part(range(80), range(60)))
    assert not torch.isclose(new["user_table"][70:], drawn["user_table"][70:]).all(1).any()
    shorter = new["item_table"][50:].norm(dim=1) / old["item_table"].norm(dim=1).mean()
    assert shorter.max() < 3
    assert today.report.warm_start == {
        "run": str(yesterday),
        "checkpoint": hash_file(yesterday / CHECKPOINT),
        "users_known": 70,
        "items_known": 50,
    }
    assert load_report(today.folder / "report.json").warm_start == today.report.warm_start
    assert today.config.warm_start == str(yesterday)


def begin_without(data):
    overrides = {**SMALL["overrides"], "trainer.optimizer.lr": 1e-12}
    return mmgraph.run("lightgcn", data, max_epochs=1, verbose=False, overrides=overrides).model.state_dict()


def test_it_begins_where_the_earlier_run_stood(yesterday):
    same = part(range(69, -1, -1), range(49, -1, -1))
    before = mmgraph.load(yesterday, data=same)
    assert begin(yesterday, same).val["recall@20"] == pytest.approx(before.val["recall@20"], abs=1e-6)


def test_an_item_of_which_nothing_is_known_keeps_the_row_that_was_drawn(tmp_path):
    mmgraph.run("mf_bpr", part(range(80), range(50), with_text=False), max_epochs=1, folder=tmp_path / "old", **SMALL)
    today = part(range(80), range(51), with_text=False)[0]
    for key in PARTS.values():
        pairs = today[INTERACTS][key]
        today[INTERACTS][key] = pairs[:, pairs[1] < 50]  # the last item has no interaction
    new = begin(tmp_path / "old", today, "mf_bpr").model.state_dict()["item_table"]
    overrides = {**SMALL["overrides"], "trainer.optimizer.lr": 1e-12}
    drawn = mmgraph.run("mf_bpr", today, max_epochs=1, verbose=False, overrides=overrides).model.state_dict()
    torch.testing.assert_close(new[50], drawn["item_table"][50])
    assert not torch.isclose(new[:50], drawn["item_table"][:50]).all()


def test_trained_features_of_new_items_are_the_given_ones(tmp_path):
    settings = {"graph.knn.k": 3}
    old = {**SMALL, "overrides": {**SMALL["overrides"], **settings}}
    mmgraph.run("freedom", part(range(80), range(50)), max_epochs=1, folder=tmp_path / "old", **old)
    today = part(range(80), range(60))
    run = begin(tmp_path / "old", today, "freedom", overrides=settings)
    torch.testing.assert_close(run.model.features["text"][50:], today[0]["item"].x_text[50:])


def test_a_killed_run_goes_on_without_the_earlier_one(yesterday, tmp_path):
    gone = tmp_path / "gone"
    shutil.copytree(yesterday, gone)
    run = begin(gone, part(range(80), range(60)), folder=tmp_path / "run")
    (tmp_path / "run" / "report.json").unlink()
    shutil.rmtree(gone)
    again = begin(gone, part(range(80), range(60)), folder=tmp_path / "run")
    assert again.report.warm_start == run.report.warm_start
    assert again.val == run.val


def damaged(yesterday, folder, change):
    shutil.copytree(yesterday, folder)
    change(folder)
    return folder


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: shutil.rmtree(folder / "serving"), "does not say whose rows its tables have"),
        (lambda folder: (folder / CHECKPOINT).write_bytes(b"no"), "is not a checkpoint that mmgraph wrote"),
        (lambda folder: (folder / "serving" / "user.npy").write_bytes(b"no"), "is damaged .*user.npy is not what was"),
        (lambda folder: (folder / "config.yaml").write_text("seed: 1\n"), "there is no section"),
    ],
)
def test_folders_that_are_damaged(yesterday, tmp_path, change, message):
    with pytest.raises(ValueError, match=message):
        begin(damaged(yesterday, tmp_path / "old", change), part(range(80), range(60)))


def test_no_run_and_a_run_without_weights(yesterday, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"holds no config\.yaml: it is not the folder of a run"):
        begin(tmp_path, part(range(80), range(60)))
    without = damaged(yesterday, tmp_path / "old", lambda folder: (folder / CHECKPOINT).unlink())
    with pytest.raises(FileNotFoundError, match=r"holds no checkpoint\.pt: lightgcn left no weights there"):
        begin(without, part(range(80), range(60)))


def test_another_model_other_settings_and_other_ids(yesterday):
    today = part(range(80), range(60))
    with pytest.raises(ValueError, match=r"a run of another model .*model_name: 'lightgcn' -> 'mf_bpr'"):
        begin(yesterday, today, "mf_bpr")
    with pytest.raises(ValueError, match=r"another model \(model.num_layers: 3 -> 1\): its weights mean"):
        begin(yesterday, today, overrides={"model.num_layers": 1})
    strangers = part(range(80), range(60))[0]
    strangers["user"].raw_id = strangers["user"].raw_id + 1000
    with pytest.raises(ValueError, match="no user of these data is one of the run's 70: other ids"):
        begin(yesterday, strangers)


def test_nothing_is_left_of_a_run_that_could_not_begin(yesterday, tmp_path):
    with pytest.raises(ValueError, match="another model"):
        begin(yesterday, part(range(80), range(60)), "mf_bpr", folder=tmp_path / "run")
    assert not (tmp_path / "run" / "config.yaml").exists()


def test_reports_of_earlier_versions_have_no_warm_start(yesterday, tmp_path):
    content = json.loads((yesterday / "report.json").read_text())
    assert content.pop("warm_start") is None
    (tmp_path / "report.json").write_text(json.dumps(content))
    assert load_report(tmp_path / "report.json").warm_start is None
