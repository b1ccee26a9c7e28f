"""``sweeper=optuna``. The kill is an exception that nothing catches, between a checkpoint and the study's next line."""

import csv
import json
import shutil
import warnings

import pytest

from mmgraph.cli.study import STUDIES
from mmgraph.cli.train import main
from tests.cli.test_launchers import finish, need, report, write_data_set

try:
    from optuna.storages.journal import JournalFileBackend
except ModuleNotFoundError:
    MESSAGE = 'sweeper=optuna is not tested: it needs pip install -e ".[optuna]"'
    warnings.warn(MESSAGE, stacklevel=2)
    pytest.skip(MESSAGE, allow_module_level=True)

SMALL = ["dataset.scale=0.04", "tuned=none", "trainer.accelerator=cpu", "trainer.max_epochs=3"]
PRUNING = ["hydra.sweeper.startup_trials=1", "hydra.sweeper.warmup_epochs=1"]
RATE = "trainer.optimizer.lr"
WORDS = ["-m", "sweeper=optuna", "model=mf_bpr", *SMALL, *PRUNING, f"{RATE}=tag(log,interval(1e-4,1e-1))"]
INTO = "hydra.sweep.dir=mine"


@pytest.fixture
def search(sweep):
    """A search is a sweep: runs one in ``tmp_path``, returns its output and how many epochs it took."""
    return sweep


def studies(folder):
    """What is known of every trial, by study."""
    import optuna

    storage = optuna.storages.JournalStorage(JournalFileBackend(str(folder / STUDIES)))
    return {
        name: [
            (trial.state.name, trial.params, trial.value, trial.intermediate_values)
            for trial in optuna.load_study(study_name=name, storage=storage).trials
        ]
        for name in optuna.get_all_study_names(storage)
    }


def states(folder, study="mf_bpr-synthetic"):
    return [state for state, *_ in studies(folder)[study]]


def test_a_search_that_was_cut_off_twice_is_the_search_that_was_not(search, tmp_path):
    words = [*WORDS, "model.emb_dim=8,16", "hydra.sweeper.n_trials=5"]
    search(*words, kill_after=2)
    (folder,) = tmp_path.glob("multirun/*/*")
    assert states(folder) == ["RUNNING"]
    first = (folder / "0" / "config.yaml").stat().st_mtime_ns
    search(*words, kill_after=4)
    out, cut = search(*words)
    assert "going on with the sweep in" in out
    assert (folder / "0" / "config.yaml").stat().st_mtime_ns == first
    assert list(tmp_path.glob("multirun/*/*")) == [folder]

    _, whole = search(*words, "hydra.sweep.dir=whole")
    assert studies(folder) == studies(tmp_path / "whole")
    assert cut + 2 + 4 == whole, "no epoch is trained twice"
    assert "PRUNED" in states(folder), "or this test shows less than it should"
    out, epochs = search(*words, "hydra.sweep.dir=whole")
    assert epochs == 0
    assert "5 of 5 trials done" in out


def test_what_a_search_leaves(search, tmp_path):
    out, _ = search(*WORDS, "hydra.sweeper.n_trials=6", INTO)
    folder = tmp_path / "mine"
    trials = studies(folder)["mf_bpr-synthetic"]
    names, *rows = csv.reader((folder / "sweep.csv").read_text().splitlines())
    assert names == ["job", RATE, "val recall@20", "test recall@20", "epochs", "minutes", "note"]
    best = max((value, -number) for number, (state, _, value, _) in enumerate(trials) if state == "COMPLETE")
    for number, ((state, params, value, curve), row) in enumerate(zip(trials, rows, strict=True)):
        assert row[0] == str(number)
        assert float(row[1]) == params[RATE]
        found = folder / str(number) / "report.json"
        assert found.exists() == (state == "COMPLETE")
        if state == "PRUNED":
            assert row[2:] == ["", "", "", "", f"pruned after {len(curve)} epochs"]
            assert value == curve[max(curve)]
            continue
        content = report(found.parent)
        assert content["val"]["recall@20"] == value
        assert list(curve.values()) == [line["val/recall@20"] for line in content["history"]]
        is_best = -number == best[1]
        assert row[-1] == ("best" if is_best else "")
        assert (content["search"] is not None) == is_best
    record = report(folder / str(-best[1]))["search"]
    ends = {name: states(folder).count(state) for name, state in (("complete", "COMPLETE"), ("pruned", "PRUNED"))}
    assert ends["pruned"]
    epochs = sum(len(curve) for *_, curve in trials)
    budget = {"n_trials": 6, "total_epochs": None, "max_epochs": 3}
    assert record == {"study": "mf_bpr-synthetic", "trials": 6, **ends, "failed": 0, "epochs": epochs, **budget}
    sentence = f"best recall@20 on validation {best[0]:.5f}, trial {-best[1]} of 6 trials ({ends['complete']} complete"
    assert sentence in out
    text = (folder / "sweep.md").read_text()
    assert sentence in text
    assert "budget 6 trials of at most 3 epochs" in text
    assert "![search-mf_bpr-synthetic](search-mf_bpr-synthetic.svg)" in text
    assert (folder / "search-mf_bpr-synthetic.png").read_bytes()[:4] == b"\x89PNG"
    drawn = (folder / "search-mf_bpr-synthetic.svg").read_bytes()
    search(*WORDS, "hydra.sweeper.n_trials=6", INTO)
    assert (folder / "search-mf_bpr-synthetic.svg").read_bytes() == drawn


def test_more_trials_of_a_named_search(search, tmp_path):
    search(*WORDS, "hydra.sweeper.n_trials=2", INTO)
    before = studies(tmp_path / "mine")["mf_bpr-synthetic"]
    search(*WORDS, "hydra.sweeper.n_trials=3", INTO)
    after = studies(tmp_path / "mine")["mf_bpr-synthetic"]
    assert after[:2] == before
    assert len(after) == 3
    records = [report(tmp_path / "mine" / str(job))["search"] for job in range(3) if after[job][0] == "COMPLETE"]
    assert [record["trials"] for record in records if record] == [3], "one best, of all"
    with pytest.raises(SystemExit, match="holds the sweep"):
        main([*WORDS, "hydra.sweeper.n_trials=3", "hydra.sweeper.seed=1", INTO])


def test_a_search_whose_configuration_was_changed_does_not_go_on(search, tmp_path, capsys):
    own = tmp_path / "conf" / "experiment" / "mine.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("# @package _global_\nmodel:\n  emb_dim: 8\n")
    words = ["--config-dir", str(tmp_path / "conf"), *WORDS, "experiment=mine", INTO]
    search(*words, "hydra.sweeper.n_trials=1")
    before = studies(tmp_path / "mine")
    own.write_text("# @package _global_\nmodel:\n  emb_dim: 16\n")
    with pytest.raises(SystemExit):
        main([*words, "hydra.sweeper.n_trials=2"])
    sentence = "study mf_bpr-synthetic began with another configuration (model.emb_dim: 8 -> 16)"
    assert sentence in capsys.readouterr().err
    assert studies(tmp_path / "mine") == before


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_a_seed_repeats_a_search(search, tmp_path, sampler):
    words = [*WORDS, "trainer.max_epochs=1", "hydra.sweeper.n_trials=3", f"hydra.sweeper.sampler={sampler}"]
    for name, seed in {"one": 7, "same": 7, "other": 8, "any": "null"}.items():
        search(*words, f"hydra.sweeper.seed={seed}", f"hydra.sweep.dir={name}")
    found = {name: studies(tmp_path / name) for name in ("one", "same", "other", "any")}
    assert found["one"] == found["same"]
    assert found["other"] != found["one"]
    assert found["any"] not in (found["one"], found["other"])


def deal_out_anew(path):
    """Gives each user, in place of the test item, one that the user has not."""
    head, *lines = path.read_text().splitlines()
    rows = [line.split("\t") for line in lines]
    known = {(user, item) for user, item, _ in rows}
    for row in rows:
        if row[2] == "2":
            row[1] = next(str(item) for item in range(9) if (row[0], str(item)) not in known)
    path.write_text("\n".join([head, *map("\t".join, rows)]) + "\n")
    return path


def test_test_labels_change_no_choice(search, tmp_path):
    """Every user has another test item."""
    write_data_set(tmp_path / "toy")
    shutil.copytree(tmp_path / "toy", tmp_path / "moved")
    deal_out_anew(tmp_path / "moved" / "toy.inter").rename(tmp_path / "moved" / "moved.inter")
    words = ["-m", "sweeper=optuna", "model=lightgcn", "dataset=folder", "evaluator.ks=[3]", "trainer.monitor=recall@3"]
    words += ["trainer.accelerator=cpu", "trainer.max_epochs=4", *PRUNING, "model.num_layers=1,2"]
    words += [f"{RATE}=tag(log,interval(1e-3,1))", "hydra.sweeper.n_trials=6"]
    for name in ("toy", "moved"):
        search(*words, f"dataset.root={tmp_path / name}", f"hydra.sweep.dir={name}-sweep")
    first, second = (studies(tmp_path / f"{name}-sweep") for name in ("toy", "moved"))
    assert first == second
    tests = []
    for name in ("toy", "moved"):
        table = list(csv.reader((tmp_path / f"{name}-sweep" / "sweep.csv").read_text().splitlines()))
        tests.append([row[4] for row in table[1:]])
        marked = [row[0] for row in table[1:] if row[-1] == "best"]
        best = report(tmp_path / f"{name}-sweep" / marked[0])
        assert best["search"]["trials"] == 6
        tests[-1].append(marked)
    assert tests[0][-1] == tests[1][-1]
    assert tests[0][:-1] != tests[1][:-1], "the labels did change"


def test_a_budget_of_epochs_is_kept_to_the_epoch(search, tmp_path):
    words = [*WORDS, "hydra.sweeper.pruner=none", "hydra.sweeper.n_trials=9", "hydra.sweeper.total_epochs=7", INTO]
    _, epochs = search(*words, kill_after=5)
    out, more = search(*words)
    assert epochs + more == 7
    assert [len(curve) for *_, curve in studies(tmp_path / "mine")["mf_bpr-synthetic"]] == [3, 3, 1]
    assert "budget 9 trials of at most 3 epochs, 7 epochs together" in out


def test_every_model_of_a_table_has_the_same_budget(search, tmp_path):
    words = [word for word in WORDS if not word.startswith("model=")]
    words += ["model=mf_bpr,lightgcn", "trainer.max_epochs=2", "hydra.sweeper.n_trials=2", INTO]
    out, _ = search(*words, kill_after=3)
    out, _ = search(*words)
    folder = tmp_path / "mine"
    assert {name: len(trials) for name, trials in studies(folder).items()} == {
        "mf_bpr-synthetic": 2,
        "lightgcn-synthetic": 2,
    }
    names = sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    assert names == [f"{model}-synthetic-{trial}" for model in ("lightgcn", "mf_bpr") for trial in (0, 1)]
    table = list(csv.reader((folder / "sweep.csv").read_text().splitlines()))
    marked = {row[0].rpartition("-")[0] for row in table if row[-1] == "best"}
    assert marked == {"mf_bpr-synthetic", "lightgcn-synthetic"}
    for model in ("mf_bpr", "lightgcn"):
        assert f"{model}-synthetic: best recall@20 on validation" in out
    assert out.count("budget 2 trials of at most 2 epochs") == 2


def test_a_trial_that_fails_leaves_the_others_alone(search, tmp_path):
    words = [word for word in WORDS if not word.startswith(RATE)]
    words += [f"{RATE}=1e-3,1e30", "loader.batch_size=32", "hydra.sweeper.sampler=random", "hydra.sweeper.n_trials=6"]
    out, _ = search(*words, INTO)
    found = states(tmp_path / "mine")
    assert found.count("FAIL")
    assert found.count("FAIL") + found.count("COMPLETE") + found.count("PRUNED") == len(found) == 6
    failed = found.index("FAIL")
    assert f"trial {failed} of mf_bpr-synthetic failed: FloatingPointError: epoch 0" in out
    table = list(csv.reader((tmp_path / "mine" / "sweep.csv").read_text().splitlines()))
    assert table[1 + failed][-1].startswith("failed: FloatingPointError")
    assert json.loads((tmp_path / "mine" / "sweep.json").read_text())["ended"] is True
    assert f"{found.count('FAIL')} failed" in (tmp_path / "mine" / "sweep.md").read_text()


def test_a_search_in_which_every_trial_fails_ends_with_the_error(search, tmp_path, capsys):
    words = ["-m", "sweeper=optuna", "model=mf_bpr", *SMALL, "loader.batch_size=32", f"{RATE}=1e29,1e30"]
    with pytest.raises(SystemExit):
        search(*words, "hydra.sweeper.n_trials=2", INTO)
    assert "are not finite" in capsys.readouterr().err
    assert states(tmp_path / "mine") == ["FAIL", "FAIL"]
    assert json.loads((tmp_path / "mine" / "sweep.json").read_text())["ended"] is False


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["seed=0,1", f"{RATE}=1e-3,1e-2"], "seed=0,1: a search would choose the luckiest seed"),
        ([], "a search needs something to choose"),
        ([f"{RATE}=1e-3,1e-2", "hydra.sweeper.sampler=cmaes"], r"hydra.sweeper.sampler='cmaes': must be one of"),
        ([f"{RATE}=1e-3,1e-2", "hydra.sweeper.pruner=hyperband"], "must be one of ['median', 'none']"),
        ([f"{RATE}=1e-3,1e-2", "hydra.sweeper.n_trials=0"], "hydra.sweeper.n_trials must be at least 1; got 0"),
        ([f"{RATE}=1e-3,1e-2", "hydra.sweeper.total_epochs=0"], "hydra.sweeper.total_epochs must be at least 1"),
    ],
)
def test_words_that_cannot_be_searched(search, capsys, words, message):
    with pytest.raises(SystemExit):
        search("-m", "sweeper=optuna", "model=mf_bpr", *SMALL, *words)
    assert message in capsys.readouterr().err


def test_processes_of_torchrun_do_not_search(search, monkeypatch, capsys):
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(SystemExit):
        search(*WORDS)
    assert "start it without torchrun" in capsys.readouterr().err


def test_trials_side_by_side_are_pruned_too(tmp_path):
    need("joblib")
    words = [*WORDS, "launcher=joblib", "hydra.sweeper.n_jobs=2", "hydra.sweeper.n_trials=6"]
    code, _, err = finish(*words, f"hydra.sweep.dir={tmp_path}/sweep")
    assert code == 0, err
    found = states(tmp_path / "sweep")
    assert len(found) == 6
    assert set(found) == {"COMPLETE", "PRUNED"}
    assert "pruned" in (tmp_path / "sweep" / "sweep.md").read_text()
