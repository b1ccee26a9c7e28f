"""The command line as a user meets it: runs, kills, resumes, mistakes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mmgraph.cli.train import main
from tests.cli.conftest import RUN_FILES

SMALL = [
    "dataset.num_users=120",
    "dataset.num_items=80",
    "dataset.num_topics=4",
    "graph.knn.k=4",
    "trainer.accelerator=cpu",
]
TIMINGS = {
    "seconds",
    "evaluation_seconds",
    "seconds_per_epoch",
    "seconds_per_evaluation",
    "peak_memory_bytes",
    "fit_seconds",
    "resumed_at",
    "created",
}


def words(run_dir, *others, model="rednd"):
    small = [word for word in SMALL if model == "rednd" or "knn" not in word]
    return [f"model={model}", *small, f"hydra.run.dir={run_dir}", *others]


def finish(*arguments):
    """The command line in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-m", "mmgraph.cli.train", *map(str, arguments)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    return run.returncode, run.stdout, run.stderr


def without_timings(value):
    """A report without what may differ: times, the run's folder, and the commit, which can change under a test."""
    if isinstance(value, dict):
        ignored = {*TIMINGS, "overrides", "git_commit"}
        return {key: without_timings(child) for key, child in value.items() if key not in ignored}
    return [without_timings(child) for child in value] if isinstance(value, list) else value


def report(run_dir):
    return json.loads((Path(run_dir) / "report.json").read_text())


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of six epochs that nobody disturbed."""
    run_dir = tmp_path_factory.mktemp("finished") / "run"
    code, out, err = finish(*words(run_dir, "trainer.max_epochs=6"))
    assert code == 0, err
    return run_dir, out


def test_a_run_leaves_report_logs_checkpoint_and_a_summary(finished):
    run_dir, out = finished
    assert sorted(os.listdir(run_dir)) == RUN_FILES
    content = report(run_dir)
    assert 0 < content["test"]["recall@20"] < 1
    assert (content["model"], content["dataset"], content["seed"]) == ("rednd", "synthetic", 0)
    assert len(content["split_hash"]) == 64
    assert len(content["history"]) == 6
    best = content["history"][content["best_epoch"]]
    assert content["val"]["recall@20"] == best["val/recall@20"] == max(r["val/recall@20"] for r in content["history"])
    assert "epoch 5 " in out
    assert "recall" in out
    assert str(run_dir) in out.replace("\n", "")


def test_evaluate_repeats_the_report(finished):
    run_dir, _ = finished
    command = [sys.executable, "-c", "from mmgraph.cli.evaluate import main; main()", str(run_dir)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "equal to" in run.stdout


def test_resuming_a_finished_run_changes_nothing(finished):
    run_dir, _ = finished
    before = files_of(run_dir)
    code, out, err = finish(f"resume={run_dir}")
    assert code == 0, err
    assert "finished before" in out
    assert files_of(run_dir) == before


def files_of(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_a_full_disk_ends_the_run_clearly_and_it_resumes(finished, tmp_path):
    run_dir = tmp_path / "run"
    code = f"""
import resource, signal, torch
from mmgraph.cli.train import main
save = torch.save
def full(content, file):
    if content["state"]["next_epoch"] == 3:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    save(content, file)
torch.save = full
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
main({words(run_dir, "trainer.max_epochs=6")!r})
"""
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    run = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert run.returncode == 1
    assert "could not write" in run.stderr
    assert "checkpoint.pt" in run.stderr
    assert not [path for path in run_dir.iterdir() if path.name.startswith(".")]
    returncode, _, err = finish(f"resume={run_dir}")
    assert returncode == 0, err
    assert without_timings(report(run_dir)) == without_timings(report(finished[0]))


def fails(capsys, arguments, run_dir):
    """Runs in this process; returns the message, having checked that nothing was written."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 1
    assert not Path(run_dir).exists()
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("modle=lightgcn", "did you mean 'model'"),
        ("model=lightgnc", "did you mean lightgcn"),
        ("dataset=sport", "did you mean sports?\nAvailable options in 'dataset': baby, beauty"),
        ("recipe=shtt", "recipe=shtt: there is no such file; did you mean sht"),
        ("tuned=rednd-babi", "tuned=rednd-babi: there is no such file; did you mean rednd-baby"),
        ("ablation=rednd-papr", "did you mean rednd-paper"),
        ("model=null", "model=null: model is a group, of which a run takes one: model=NAME"),
        ("model=[rednd,lightgcn]", "model=[rednd,lightgcn]: model is a group"),
        ("tuned=null", "tuned=none chooses nothing"),
        ("accelerator=cpu", "did you mean trainer.accelerator"),
        ("lr=1e-3", "did you mean trainer.optimizer.lr"),
        ("trainer.scheduler.gamma=3", "choose some by trainer/scheduler=NAME, one of cosine"),
        ("logger.csv=null", "logger.csv must be an object, a mapping with _target_, got None; ~logger.csv"),
        ("+graph.x=3", "graph.x must be an object"),
        ("trainer.optimizer.lr=abc", "trainer.optimizer.lr must be float, got 'abc'"),
        ("trainer.optimizer.lr=-1", "trainer.optimizer: Invalid learning rate: -1"),
        ("trainer.optimizer.betas=3", "trainer.optimizer.betas must be a list of 2: float, float, got 3"),
        ("trainer.precision=16", """trainer.precision must be str, got 16: as text it is written '"16"'"""),
        ("model.emb_dim=0", "model.emb_dim must be at least 1, got 0"),
        ("trainer.max_epoch=3", "did you mean 'max_epochs'?\nValid here: _target_, accelerator"),
        ("trainer.optimizer.lrr=3", "did you mean 'lr'"),
        ("loss.terms.algin.weight=0", "did you mean 'align'"),
        ("~loss.terms.algin", "did you mean 'align'"),
        ("+model.emb_dimm=3", "model.emb_dimm: RedND takes no 'emb_dimm'; it takes ['emb_dim'"),
        ("trainer.max_epochs=three", "trainer.max_epochs must be int"),
        ("trainer.max_epochs=0", "trainer.max_epochs must be at least 1"),
        ("model.variant=offical", "variant must be 'official' or 'paper'"),
        ("loader.batch_size=0", "batch_size must be at least 1"),
        ("graph.knn.k=500", "k must be between 1 and 80"),
        ("graph.knn.modalities=[smell]", "['smell'] not found"),
        ("evaluator.ks=[5000]", "number of items"),
        ("trainer.monitor=recall@21", "trainer.monitor='recall@21' is not computed"),
        ("trainer.accelerator=abacus", "trainer.accelerator='abacus'"),
        ("trainer.precision=8", "trainer.precision"),
        ("loss.terms.bpr._target_=os.system", "not allowed"),
        ("graph.knn={smell: 3}", "'~graph.knn' '+graph.knn={...}'"),
        ("seed=", "seed"),
        ("seed=1,2", """-m seed=1,2; a list is written 'seed=[1,2]', and text with commas 'seed="1,2"'"""),
        ("model = lightgcn", "write GROUP=OPTION or KEY=VALUE, without spaces around '='"),
        ("model=[", "Error"),
    ],
)
def test_a_mistake_names_what_is_right_and_leaves_nothing(capsys, tmp_path, word, message):
    run_dir = tmp_path / "run"
    assert message in fails(capsys, words(run_dir, "trainer.max_epochs=1", word), run_dir)


def test_resume_with_another_configuration_names_the_key(finished, capsys):
    with pytest.raises(SystemExit):
        main([f"resume={finished[0]}", "trainer.max_epochs=9"])
    assert "trainer.max_epochs: 6 -> 9" in capsys.readouterr().err


def test_a_folder_that_holds_a_run_is_not_used_for_another(finished, capsys):
    before = report(finished[0])
    with pytest.raises(SystemExit):
        main(words(finished[0], model="lightgcn"))
    assert "holds a run already" in capsys.readouterr().err
    assert report(finished[0]) == before


def test_resume_of_no_run(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main([f"resume={tmp_path}"])
    assert "not the folder of a run" in capsys.readouterr().err


def test_a_loss_that_is_not_finite_stops_with_its_name(tmp_path, capsys):
    run_dir = tmp_path / "run"
    message = fails(capsys, words(run_dir, "trainer.optimizer.lr=1e30", "loader.batch_size=64"), run_dir)
    assert "not finite" in message
    assert "bpr" in message


def test_a_data_set_that_is_not_there_says_what_to_fetch(tmp_path, capsys):
    run_dir = tmp_path / "run"
    arguments = ["model=lightgcn", "dataset=clothing", f"data_root={tmp_path}", f"hydra.run.dir={run_dir}"]
    message = fails(capsys, arguments, run_dir)
    assert "clothing.inter" in message
    assert "_feat.npy" in message


def test_sweeps_run_every_combination_and_tell_the_sweeper(tmp_path):
    code, _, err = finish(
        "-m", "model=lightgcn,mf_bpr", "seed=0,1", *[w for w in SMALL if "knn" not in w], "trainer.max_epochs=2",
        f"hydra.sweep.dir={tmp_path}",
    )  # fmt: skip
    assert code == 0, err
    reports = [report(tmp_path / str(job)) for job in range(4)]
    assert [(r["model"], r["seed"]) for r in reports] == [
        ("lightgcn", 0),
        ("lightgcn", 1),
        ("mf_bpr", 0),
        ("mf_bpr", 1),
    ]


def test_two_processes_give_the_report_of_one(finished, tmp_path):
    run_dir = tmp_path / "run"
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "-m"]
    command += ["mmgraph.cli.train", *words(run_dir, "trainer.max_epochs=6")]
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    run = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    both, one = report(run_dir), report(finished[0])
    assert both["test"] == pytest.approx(one["test"], abs=1e-5)
    assert run.stdout.count("epoch 5 ") == 1
    assert sorted(os.listdir(run_dir)) == sorted(os.listdir(finished[0]))


def test_help_is_instant_and_imports_no_torch():
    code = "import sys; sys.argv = ['x', '--help']\nfrom mmgraph.cli.train import main\ntry:\n    main()\n"
    code += "finally:\n    assert 'torch' not in sys.modules, 'torch was imported'"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    for word in ("model: ", "rednd", "dataset: ", "sports", "resume=", "--cfg job"):
        assert word in run.stdout
