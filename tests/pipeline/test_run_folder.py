"""A run stays one thing: who opens its folder finds the configuration, the data and the weights that it began with."""

import json
import shutil
import threading

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf

from mmgraph.cli.evaluate import evaluate
from mmgraph.cli.evaluate import main as evaluate_main
from mmgraph.cli.resume import stored_config
from mmgraph.cli.train import main
from mmgraph.config.compose import compose_config
from mmgraph.pipeline.run import restore, train
from mmgraph.processes.locks import FolderLock
from mmgraph.training import read_checkpoint
from tests.cli.test_train import report

NUM_USERS, NUM_ITEMS = 12, 8


def write_shop(root, *, shift=0, noise=0.0):
    """Data of one size, with another split and other features where asked for."""
    root.mkdir(parents=True, exist_ok=True)
    labels = np.roll([0, 0, 0, 1, 2], shift)
    rows = [f"{u}\t{(u + step) % NUM_ITEMS}\t{label}" for u in range(NUM_USERS) for step, label in enumerate(labels)]
    (root / "shop.inter").write_text("\n".join(["userID\titemID\tx_label", *rows]) + "\n")
    features = np.random.default_rng(0).normal(size=(NUM_ITEMS, 3)) + noise
    np.save(root / "text_feat.npy", features.astype(np.float32))


def words(root, *others):
    small = ["model=vbpr", "dataset=folder", "trainer.max_epochs=3", "trainer.accelerator=cpu", "model.emb_dim=4"]
    return [*small, f"dataset.root={root}", "evaluator.ks=[2]", "trainer.monitor=recall@2", *others]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A finished run, and its data."""
    folder = tmp_path_factory.mktemp("made")
    write_shop(folder / "data" / "shop")
    train(compose_config([*words(folder / "data" / "shop"), f"data_root={folder / 'data'}"]), folder / "run")
    return folder


@pytest.fixture
def shop(made, tmp_path):
    """The same, to change: ``run`` is finished, ``cut`` is not."""
    write_shop(tmp_path / "data" / "shop")
    shutil.copytree(made / "run", tmp_path / "run")
    shutil.copytree(made / "run", tmp_path / "cut")
    (tmp_path / "cut" / "report.json").unlink()
    for run in ("run", "cut"):
        config = tmp_path / run / "config.yaml"
        config.write_text(config.read_text().replace(str(made), str(tmp_path)))
    return tmp_path


def change_data(shop):
    write_shop(shop / "data" / "shop", shift=1)


def change_features(shop):
    write_shop(shop / "data" / "shop", noise=0.5)


def change_seed(shop):
    for run in ("run", "cut"):
        config = shop / run / "config.yaml"
        config.write_text(config.read_text().replace("seed: 0\n", "seed: 7\n"))


CHANGES = {change_data: "split hash was", change_features: "features hash was", change_seed: "configuration hash was"}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_since_a_run_began_is_told(shop, change):
    begun = json.loads((shop / "run" / "identity.json").read_text())
    change(shop)
    name = CHANGES[change].split()[0]
    for opens in (
        lambda: train(stored_config(shop / "cut", [], compose_config), shop / "cut"),
        lambda: restore(shop / "run"),
        lambda: evaluate(shop / "run"),
    ):
        with pytest.raises(ValueError, match=f"{CHANGES[change]} {begun[name][:16]}, now it is"):
            opens()
    assert not (shop / "cut" / "report.json").exists()


def test_files_of_a_language_model_that_changed_are_told(shop):
    llm = shop / "llm"
    llm.mkdir()
    np.save(llm / "user_profile.npy", np.eye(NUM_USERS, 4))
    np.save(llm / "item_year.npy", np.eye(NUM_ITEMS, 4))
    (llm / "pairs.tsv").write_text("userID\tliked_itemID\tdisliked_itemID\n0\t6\t7\n")
    others = ["model=llmrec", f"graph.augmentation.root={llm}", "trainer.max_epochs=1"]
    cfg = compose_config(words(shop / "data" / "shop", *others))
    begun = train(cfg, shop / "of_llm").report.feature_hash
    np.save(llm / "item_year.npy", np.eye(NUM_ITEMS, 4)[::-1])
    with pytest.raises(ValueError, match=f"features hash was {begun[:16]}, now it is"):
        restore(shop / "of_llm")


def test_another_configuration_in_the_folder_of_a_run_is_refused(shop):
    root = shop / "data" / "shop"
    again = train(compose_config([*words(root), f"data_root={shop / 'data'}"]), shop / "run").report
    assert again.created == report(shop / "run")["created"]
    with pytest.raises(ValueError, match=r"holds a run of another configuration \(.*seed: 0 -> 7"):
        train(compose_config(words(root, "seed=7")), shop / "run")
    assert report(shop / "run")["created"] == again.created


def test_a_run_without_hashes_is_opened_with_a_warning(shop):
    (shop / "run" / "identity.json").unlink()
    with pytest.warns(UserWarning, match="does not say which data it was trained on"):
        restore(shop / "run")


def test_a_second_process_does_not_train_in_the_same_folder(shop):
    lock = FolderLock(shop / "cut" / ".lock")
    assert lock.take()
    cfg = stored_config(shop / "cut", [], compose_config)
    with pytest.raises(FileExistsError, match=f"another process is training in {shop / 'cut'}"):
        train(cfg, shop / "cut")
    lock.remove()
    train(cfg, shop / "cut")
    assert not (shop / "cut" / ".lock").exists()


def test_starts_in_one_second_have_folders_of_their_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for _ in range(3):
        main(["model=popularity", "dataset.num_users=40", "dataset.num_items=40", "evaluator.ks=[20]"])
    assert len(list(tmp_path.glob("outputs/*/*/report.json"))) == 3


def test_of_two_starts_in_one_folder_one_goes_on(tmp_path):
    """Whatever the moment: the second finds the lock, or the first one's configuration."""
    cfg, other = (compose_config(["model=popularity", "dataset.scale=0.02", f"seed={seed}"]) for seed in (1, 2))
    refused = []

    def start(argument):
        try:
            train(argument, tmp_path / "run")
        except (ValueError, FileExistsError) as error:
            refused.append(str(error))

    threads = [threading.Thread(target=start, args=[argument]) for argument in (cfg, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    begun = OmegaConf.load(tmp_path / "run" / "config.yaml").seed
    assert report(tmp_path / "run")["seed"] == begun


def test_a_start_that_fails_leaves_the_folder_as_it_was(tmp_path):
    with pytest.raises(FileNotFoundError):
        train(compose_config(words(tmp_path / "nowhere")), tmp_path / "run")
    assert list((tmp_path / "run").iterdir()) == []


@pytest.mark.parametrize("value", ["inf", "-inf", "nan"])
def test_numbers_that_no_report_can_hold_are_refused_at_the_start(tmp_path, value):
    cfg = compose_config(["model=popularity", f"+note={value}"])
    with pytest.raises(ValueError, match=f"must be finite; got note = {value}"):
        train(cfg, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_evaluation_of_data_that_moved(shop, capsys):
    shutil.move(shop / "data", shop / "moved")
    with pytest.raises(FileNotFoundError, match="data_root="):
        evaluate(shop / "run")
    evaluate_main([str(shop / "run"), f"data_root={shop / 'moved'}"])
    assert "equal to" in capsys.readouterr().out
    train(stored_config(shop / "cut", [f"data_root={shop / 'moved'}"], compose_config), shop / "cut")
    assert report(shop / "cut")["test"] == report(shop / "run")["test"]


def test_evaluation_by_another_protocol_is_not_compared(shop, capsys):
    evaluate(shop / "run", ["evaluator=strict", "evaluator.ks=[2,3]"])
    out = capsys.readouterr().out
    assert "recall@3" in out
    assert "not compared" in out


def test_evaluation_takes_no_word_that_changes_what_was_trained(shop):
    with pytest.raises(ValueError, match=r"model.emb_dim=8: this would change what was trained"):
        evaluate(shop / "run", ["model.emb_dim=8"])


def test_evaluation_of_a_run_that_was_cut_off(shop, capsys):
    evaluate(shop / "cut")
    assert f"resume={shop / 'cut'} goes on with it" in capsys.readouterr().out
    (shop / "cut" / "checkpoint.pt").unlink()
    with pytest.raises(FileNotFoundError, match=r"no checkpoint.pt yet.*resume="):
        evaluate(shop / "cut")


def test_a_finished_run_whose_weights_are_gone_is_told(shop):
    (shop / "run" / "checkpoint.pt").unlink()
    with pytest.raises(FileNotFoundError, match=r"the run has ended, but its checkpoint\.pt is gone and the weights"):
        evaluate(shop / "run")


def test_a_report_that_lacks_a_metric_is_told(shop):
    path = shop / "run" / "report.json"
    path.write_text(path.read_text().replace('"recall@2"', '"recall@3"'))
    with pytest.raises(ValueError, match=r"report.json lacks val recall@2"):
        evaluate(shop / "run")


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found | {"val": []},
        lambda found: found | {"history": [1]},
        lambda found: found | {"history": [{"seconds": "1"}]},
        lambda found: found | {"test": {"recall@2": "x"}},
        lambda found: found | {"test": {"recall@two": 0.5}},
        lambda found: found | {"peak_memory_bytes": {"cpu": None}},
        lambda found: found | {"fit_seconds": "long"},
        lambda found: found | {"parameters": []},
        lambda found: found | {"resumed_at": [None]},
        lambda found: [found],
        lambda found: {},
    ],
)
def test_a_damaged_report_names_the_file(shop, change):
    path = shop / "run" / "report.json"
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    with pytest.raises(ValueError, match=f"{path} is not a report"):
        evaluate(shop / "run")


def test_the_last_row_of_the_logs_is_there_after_a_kill_between_checkpoint_and_log(shop):
    rows = (shop / "run" / "metrics.csv").read_text().splitlines()
    (shop / "cut" / "metrics.csv").write_text("\n".join(rows[:-1]) + "\n")
    train(stored_config(shop / "cut", [], compose_config), shop / "cut")
    assert (shop / "cut" / "metrics.csv").read_text().splitlines() == rows


def test_another_models_weights_are_told(shop):
    checkpoint = read_checkpoint(shop / "run" / "checkpoint.pt")
    checkpoint["state"]["best_weights"] = {"w": torch.zeros(1)}
    torch.save(checkpoint, shop / "run" / "checkpoint.pt")
    with pytest.raises(ValueError, match=r"checkpoint.pt holds the weights of another model"):
        evaluate(shop / "run")
