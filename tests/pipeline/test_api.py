"""Runs from Python beside those of the command line."""

import copy
import gc
import json
import re
import shutil
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch_geometric.transforms import BaseTransform

from mmgraph.cli.evaluate import evaluate
from mmgraph.cli.train import main
from mmgraph.datasets import MMRecFolder, Synthetic
from mmgraph.pipeline.api import _checked, _option, load, run
from mmgraph.pipeline.given_data import as_dataset, untuned_note, words_of
from mmgraph.training import Trainer
from mmgraph.training.saving import Saving

SMALL = {"num_users": 60, "num_items": 60, "num_topics": 4}


@pytest.fixture(scope="module")
def data():
    return Synthetic(**SMALL)


@pytest.fixture(scope="module")
def trained(data):
    return run("mf_bpr", data, max_epochs=2, seed=5, verbose=False)


def test_the_same_words_come_to_the_same_run_as_on_the_command_line(trained, tmp_path):
    words = [f"dataset.{name}={value}" for name, value in SMALL.items()]
    main(["model=mf_bpr", *words, "trainer.max_epochs=2", "seed=5", f"hydra.run.dir={tmp_path / 'run'}"])
    told = json.loads((tmp_path / "run" / "report.json").read_text())
    assert told["test"] == trained.test
    assert told["configuration_hash"] == trained.report.configuration_hash


def test_a_saved_run_is_a_run_folder(trained, data, tmp_path, capsys):
    expected = trained.recommend([3, 14], k=5)
    saved = run("mf_bpr", data, max_epochs=2, seed=5, verbose=False)
    path = saved.save(tmp_path / "a" / "run")
    evaluate(path)
    assert "equal to" in capsys.readouterr().out
    opened = load(path)
    assert opened.test == trained.test
    assert torch.equal(opened.recommend([3, 14], k=5).ids, expected.ids)
    assert [p.name for p in path.parent.iterdir()] == ["run"]
    with pytest.raises(FileExistsError, match="is there already"):
        trained.save(path)


def test_a_folder_that_is_named_is_gone_on_from(data, tmp_path):
    first = run("mf_bpr", data, max_epochs=2, folder=tmp_path / "run", verbose=False)
    again = run("mf_bpr", data, max_epochs=2, folder=tmp_path / "run", verbose=False)
    assert again.report.created == first.report.created
    with pytest.raises(ValueError, match="holds a run of another configuration"):
        run("mf_bpr", data, max_epochs=2, seed=1, folder=tmp_path / "run", verbose=False)


def test_what_was_trained_is_used_as_it_is(data, tmp_path, monkeypatch):
    fresh = run("vbpr", data, max_epochs=3, folder=tmp_path / "run", verbose=False)
    opened = run("vbpr", data, max_epochs=3, folder=tmp_path / "run", verbose=False)
    restored = opened.model.state_dict()
    monkeypatch.setattr("mmgraph.pipeline.result.restore", None)
    assert torch.equal(fresh.recommend([3, 14], k=5).scores, opened.recommend([3, 14], k=5).scores)
    assert fresh.dataset is data
    assert all(parameter.grad is None for parameter in fresh.model.parameters())
    assert all(map(torch.equal, fresh.model.state_dict().values(), restored.values()))


def test_optimisers_end_with_their_training(data, monkeypatch):
    made = []

    def make_optimizers(trainer, model):
        optimizers = make(trainer, model)
        made.extend(map(weakref.ref, optimizers.optimizers.values()))
        return optimizers

    make = Trainer.make_optimizers
    monkeypatch.setattr(Trainer, "make_optimizers", make_optimizers)
    kept = run("mf_bpr", data, max_epochs=1, verbose=False)
    gc.collect()
    assert kept.model
    assert [optimizer() for optimizer in made] == [None]


def test_a_graph_in_memory(data, tmp_path):
    path = run("mf_bpr", data[0], max_epochs=1, verbose=False).save(tmp_path / "run")
    assert load(path).recommend([0], k=3).ids.shape == (1, 3)
    with pytest.raises(ValueError, match="give them to mmgraph\\.load"):
        _ = load(path).model
    assert load(path, data=data[0]).recommend([0], k=3).ids.shape == (1, 3)
    with pytest.raises(ValueError, match="split hash was"):
        load(path, data=Synthetic(**SMALL, seed=1)[0]).recommend([0])


def test_recommendations_leave_out_what_a_user_has(trained, data):
    pairs = data[0]["user", "interacts", "item"]
    held = {int(i) for u, i in pairs.test_edge_label_index.T if u == 3}
    train = {int(i) for u, i in pairs.edge_index.T if u == 3}
    everything = set(trained.recommend([3], k=60).ids[0].tolist()) - {-1}
    with_held_out = set(trained.recommend([3], k=60, exclude=["train"]).ids[0].tolist()) - {-1}
    assert not everything & (held | train)
    assert held <= with_held_out
    only_train = trained.recommend([3], k=60, exclude="train").ids[0].tolist()
    assert set(only_train) - {-1} == with_held_out
    with pytest.raises(ValueError, match=r"exclude names \['tests'\]"):
        trained.recommend([3], exclude=["tests"])


def test_ids_are_those_of_the_files(tmp_path):
    rows = [f"{100 + user}\t{1000 + (user + step) % 8}" for user in range(12) for step in range(5)]
    (tmp_path / "shop.inter").write_text("\n".join(["userID\titemID", *rows, "7\t5"]) + "\n")
    data = MMRecFolder(tmp_path, k_core=2, cache_dir=tmp_path / "cache")
    found = run(
        "mf_bpr", data, max_epochs=1, verbose=False, overrides={"evaluator.ks": [2], "trainer.monitor": "recall@2"}
    )
    lists = found.recommend([103, 111], k=2)
    assert set(lists.ids.flatten().tolist()) <= set(range(1000, 1008))
    assert found.similar_items([1003], k=7).ids[0].sort().values.tolist() == [1000, 1001, 1002, 1004, 1005, 1006, 1007]
    with pytest.raises(ValueError, match=r"there is no user 7 in the data: ids are 12 numbers from 100 to 111"):
        found.recommend([7])


def test_a_run_of_its_own_lies_there_as_long_as_it_or_a_copy(data, tmp_path):
    found = run("mf_bpr", data, max_epochs=1, verbose=False)
    own = found.folder.parent
    other = copy.copy(found)
    with pytest.raises(ValueError, match="is within the run's own folder"):
        found.save(found.folder / "inside")
    found.save(tmp_path / "saved")
    assert own.is_dir()
    other.recommend([0])
    del other
    assert not own.exists()
    found.recommend([0])
    shutil.rmtree(found.folder)
    with pytest.raises(FileNotFoundError, match=r"is gone, and the weights with it: .* run\.save"):
        found.save(tmp_path / "again")


def test_a_place_that_cannot_be_written(trained, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=rf"could not write {tmp_path}/file/run \(File exists\)"):
        trained.save(tmp_path / "file" / "run")
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(FileExistsError, match="link is there already"):
        trained.save(tmp_path / "link")
    with pytest.raises(ValueError, match=r"folder must be a path such as 'outputs/mine', got ''"):
        trained.save("")


@pytest.mark.parametrize("name", ["a b", "größe", "br[1]{2}*?", "x=y,z", "${seed}"])
def test_a_folder_of_any_name(data, tmp_path, name):
    run("popularity", data, verbose=False, folder=tmp_path / name)
    assert load(load(tmp_path / name).save(tmp_path / "copies" / name)).recommend([3], k=2).ids.shape == (1, 2)


def test_a_report_without_a_configuration_is_nobodys(data, tmp_path):
    run("popularity", data, verbose=False, folder=tmp_path / "run")
    (tmp_path / "run" / "config.yaml").unlink()
    with pytest.raises(ValueError, match=r"holds a report\.json but no config\.yaml"):
        run("random", data, verbose=False, folder=tmp_path / "run")


def test_an_interrupted_run_is_gone_on_from(data, tmp_path, monkeypatch):
    words = {"max_epochs": 3, "verbose": False}
    whole = run("mf_bpr", data, **words)
    save = Saving.save

    def save_and_stop(*state):
        save(*state)
        raise KeyboardInterrupt

    monkeypatch.setattr(Saving, "save", save_and_stop)
    with pytest.raises(KeyboardInterrupt):
        run("mf_bpr", data, folder=tmp_path / "run", **words)
    with pytest.raises(FileNotFoundError, match=r"the run has not ended\. It goes on by .* with the same folder="):
        load(tmp_path / "run")
    monkeypatch.undo()
    assert run("mf_bpr", data, folder=tmp_path / "run", **words).test == whole.test


def test_runs_of_two_threads_are_those_of_one(data):
    def metrics(seed):
        return run("mf_bpr", data, max_epochs=2, seed=seed, verbose=False).test

    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(metrics, [1, 2]))
    assert together == [metrics(1), metrics(2)]


def test_a_run_shows_itself(trained):
    assert re.match(r"Run\(mf_bpr on synthetic, seed 5: test recall@20 0\.\d{4}, ndcg@20", repr(trained))
    html = trained._repr_html_()
    assert "<svg" in html
    assert "val recall@20 by epoch" in html


class Nothing(BaseTransform):
    def forward(self, data):
        return data


def write_baby(root):
    """A folder by the name of one in ``conf/dataset``."""
    root.mkdir()
    lines = [f"{user}\t{(user + step) % 9}\t{label}" for user in range(9) for step, label in enumerate([0, 0, 1, 2])]
    (root / "baby.inter").write_text("\n".join(["userID\titemID\tx_label", *lines]) + "\n")
    np.save(root / "image_feat.npy", np.eye(9, dtype=np.float32))
    return root


def test_a_folder_that_is_read_as_a_named_set_has_its_name_and_tuned_values(tmp_path):
    root = write_baby(tmp_path / "baby")
    options = {"cache_dir": tmp_path / "cache"}
    assert words_of(MMRecFolder(root, **options))[0] == "dataset=baby"
    assert words_of(MMRecFolder(root, features="l2", **options))[:2] == ["dataset=folder", f'dataset.root="{root}"']
    with_transform = MMRecFolder(root, transform=Nothing(), **options)
    assert words_of(with_transform) == ["dataset=memory", 'dataset.name="baby"']


def test_who_reads_a_named_set_otherwise_is_shown_the_way_to_its_tuned_values(tmp_path, capsys):
    data = MMRecFolder(write_baby(tmp_path / "baby"), features="l2", cache_dir=tmp_path / "cache")
    words = {"overrides": {"evaluator.ks": [2], "trainer.monitor": "recall@2"}}
    run("item_knn", data, **words)
    lines = [line for line in capsys.readouterr().out.splitlines() if "tuned" in line]
    assert len(lines) == 1
    assert "not read as dataset=baby" in lines[0]
    assert "MMRecFolder(..., features='raw') has them, or tuned='item_knn-baby'" in lines[0]
    run("item_knn", data, tuned="item_knn-baby", **words)
    run("random", data, **words)
    assert "not read as" not in capsys.readouterr().out
    assert untuned_note(MMRecFolder(tmp_path / "baby", cache_dir=tmp_path / "cache"), "item_knn") is None


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"model": "lightgnc"}, ValueError, "did you mean lightgcn"),
        ({"model": "LightGCN"}, ValueError, "there is no such file; did you mean lightgcn"),
        ({"model": "a b"}, ValueError, "model='a b': must be one of add_ease"),
        ({"loss": "bpr "}, ValueError, "loss='bpr ': must be one of"),
        ({"dataset": "baby"}, TypeError, r"run\(\) takes no 'dataset'"),
        ({"overrides": {"dataset.root": "x"}}, ValueError, "the data are given by data="),
        ({"overrides": {"hydra.run.dir": "x"}}, ValueError, "the run's folder by folder="),
        ({"overrides": {"lr": 1e-3}}, ValueError, r"There is no 'lr' .* did you mean trainer\.optimizer\.lr"),
        ({"overrides": {"trainer.optimizer": [1]}}, ValueError, "trainer.optimizer"),
        ({"overrides": {"model": {"emb_dim": 8}}}, ValueError, r"the argument model=; .* 'model\.NAME'"),
        ({"overrides": {"seed": 1}}, ValueError, "by the argument seed= only"),
        ({"overrides": {"trainer.max_epochs": 1}}, ValueError, "by the argument max_epochs= only"),
        ({"overrides": {"a b": 1}}, ValueError, "'a b' is no dotted key"),
        ({"lr": "1e-3"}, TypeError, r"overrides={'trainer\.optimizer\.lr': \.\.\.}"),
        ({"epochs": "3"}, TypeError, "takes no 'epochs', did you mean max_epochs"),
        ({"los": "bpr"}, TypeError, "did you mean loss"),
        ({"max_epochs": 0}, ValueError, "trainer.max_epochs must be at least 1"),
        ({"seed": -1}, ValueError, "seed must be"),
    ],
)
def test_what_is_wrong_is_told(data, arguments, error, message):
    with pytest.raises(error, match=message):
        run(**{"model": "mf_bpr", "data": data, "max_epochs": 1, "verbose": False, **arguments})


def test_a_value_of_another_kind_is_refused():
    with pytest.raises(ValueError, match=r"loss=<class 'object'>: .*; objects of your own are trained by"):
        _option("loss", object)
    with pytest.raises(ValueError, match="overrides: 3 is no dotted key"):
        _checked({3: 1}, taken={})
    with pytest.raises(TypeError, match="overrides must be a mapping"):
        _checked(["model.emb_dim=8"], taken={})


def test_a_setting_that_an_argument_leaves_open_may_be_a_number_of_numpy(data):
    settings = {"trainer.max_epochs": np.int64(1), "trainer.optimizer.lr": np.float64(1e-2)}
    found = run("mf_bpr", data, verbose=False, overrides=settings)
    assert len(found.history) == 1
    assert found.config.trainer.optimizer.lr == 1e-2


def test_data_must_be_data():
    with pytest.raises(TypeError, match=r"data must be a data set .* got list"):
        as_dataset([1])


def test_it_runs_inside_a_hydra_application(data):
    from hydra import compose, initialize
    from hydra.core.global_hydra import GlobalHydra

    with initialize(version_base=None, config_path=None):
        assert run("popularity", data, verbose=False).test
        assert compose(overrides=["+a=1"]).a == 1
    assert not GlobalHydra.instance().is_initialized()
