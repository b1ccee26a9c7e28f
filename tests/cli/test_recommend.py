"""``mmgraph-recommend``: a run's folder alone gives lists in the ids that the data came with."""

import json
import shutil
import subprocess
import sys

import pytest

import mmgraph
from mmgraph.cli.evaluate import main as evaluate
from mmgraph.cli.recommend import main
from mmgraph.cli.train import main as train
from mmgraph.pipeline.api import load
from tests.prepared import item_id, title, user_id, words, write_lines, write_shop


@pytest.fixture(scope="module")
def moved(tmp_path_factory):
    """A run and its data, neither of which is where it was."""
    folder = tmp_path_factory.mktemp("moved")
    train([*words(write_shop(folder / "here" / "shop")), f"hydra.run.dir={folder / 'run'}"])
    shutil.move(folder / "here" / "shop", folder / "shop")
    return folder


@pytest.fixture
def run_dir(moved):
    return moved / "run"


def told(capsys, *words):
    main([str(word) for word in words])
    return capsys.readouterr().out


def refused(capsys, *words):
    with pytest.raises(SystemExit) as caught:
        main([str(word) for word in words])
    assert caught.value.code == 1
    return capsys.readouterr().err


def test_lists_are_printed_in_original_ids(run_dir, capsys):
    out = told(capsys, run_dir, f"users=[{user_id(4)},{user_id(9)}]", "k=3")
    lists = load(run_dir).recommend([user_id(4), user_id(9)], k=3)
    lines = [line.split("│")[1:-1] for line in out.splitlines() if line.startswith("│")]
    cells = [[cell.strip() for cell in line] for line in lines]
    assert [cell[0] for cell in cells] == [user_id(4), "", "", user_id(9), "", ""]
    assert [cell[1] for cell in cells] == ["1", "2", "3"] * 2
    assert [cell[2] for cell in cells] == lists.ids.flatten().tolist()
    assert cells[0][3] == f"{lists.scores[0, 0]:.4g}"
    assert cells[0][4] in {title(row) for row in range(30) if item_id(row) == cells[0][2]}


def test_few_lists_are_printed_where_many_are_asked_for(run_dir, capsys):
    out = told(capsys, run_dir, "k=1")
    assert user_id(9) in out
    assert user_id(10) not in out
    assert "the first 10 of 40 users; out=FILE.csv (.jsonl, .parquet) writes all" in out
    assert "the first 10 of 30 items" in told(capsys, run_dir, "similar=all", "k=1")


def test_the_words_are_the_arguments_of_python(run_dir, tmp_path, capsys):
    write_lines(tmp_path / "sold.txt", [item_id(0), item_id(3)])
    asked = ["k=4", "category=[shoe,hat]", "at_most=3", f"deny={tmp_path / 'sold.txt'}", "exclude=[train]"]
    out = told(capsys, run_dir, *asked, f"out={tmp_path / 'lists.jsonl'}")
    assert "160 lines for 40 users in" in out
    found = [json.loads(line)["item"] for line in (tmp_path / "lists.jsonl").read_text().splitlines()]
    chosen = {"category": ["shoe", "hat"], "at_most": 3, "deny": tmp_path / "sold.txt", "exclude": ["train"]}
    assert found == load(run_dir).recommend("all", k=4, **chosen).ids.flatten().tolist()


def test_similar_items(run_dir, tmp_path, capsys):
    told(capsys, run_dir, f"similar={item_id(5)}", "k=2", f"out={tmp_path / 'lists.jsonl'}")
    found = [json.loads(line)["similar"] for line in (tmp_path / "lists.jsonl").read_text().splitlines()]
    assert found == load(run_dir).similar_items([item_id(5)], k=2).ids[0].tolist()


def test_ids_that_look_like_formulas_are_told(run_dir, tmp_path, capsys):
    out = told(capsys, run_dir, "k=30", f"out={tmp_path / 'lists.csv'}")
    assert "have a ' before them in this file, so that no spreadsheet takes them for formulas" in " ".join(out.split())


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("uses=alice", "there is no word uses; did you mean users=? The words are allow, at_most, category"),
        ("alice", "'alice' is no word: write key=value, such as users=alice"),
        ("users=user-41", "users: there is no user 'user-41' in the data; did you mean 'user-"),
        ("users=[]", "users must be a list of ids"),
        ("users=who.txt", "users=who.txt: there is no such file, and no user of this name"),
        ("k=0", "k must be at least 1, got 0"),
        ("k=ten", "k=ten: must be a whole number"),
        ("allow=[a]", "allow: there is no item 'a' in the data"),
        ("category=socks", "category: no item is of 'socks'"),
        ("at_most=0", "at_most must be a whole number from 1"),
        ("exclude=[tests]", "exclude names ['tests']; splits are ['train', 'val', 'test']"),
        ("out=lists.xlsx", "out=lists.xlsx: must end with .parquet, .csv, .jsonl"),
    ],
)
def test_what_is_wrong_is_a_sentence(run_dir, word, message, capsys):
    assert message in refused(capsys, run_dir, word)


def test_users_and_similar_items_are_two_things(run_dir, capsys):
    assert "users= and exclude= are for lists of users" in refused(
        capsys, run_dir, "similar=all", f"users={user_id(1)}"
    )


def test_a_model_without_vectors_of_items(tmp_path, capsys):
    root = write_shop(tmp_path / "shop")
    asked = [word for word in words(root, "model=item_knn") if word != "model=vbpr"]
    train([*asked, f"hydra.run.dir={tmp_path / 'run'}"])
    assert user_id(0) in told(capsys, tmp_path / "run", f"users={user_id(0)}")
    assert "this model has none" in refused(capsys, tmp_path / "run", "similar=all")


def test_a_folder_without_a_run(tmp_path, capsys):
    assert "it is not the folder of a run" in refused(capsys, tmp_path)


def test_data_that_moved_are_evaluated_and_gone_on_with(moved, tmp_path, capsys):
    evaluate([str(moved / "run"), f"dataset.root={moved / 'shop'}"])
    assert "equal to" in capsys.readouterr().out
    cut = shutil.copytree(moved / "run", tmp_path / "cut")
    (cut / "report.json").unlink()
    train([f"resume={cut}", f"dataset.root={moved / 'shop'}"])
    assert load(cut).test == load(moved / "run").test
    assert (load(cut).recommend("all").ids == load(moved / "run").recommend("all").ids).all()


def test_data_that_changed_are_refused_with_both_hashes(moved, tmp_path, capsys):
    other = write_shop(tmp_path / "shop", shift=1)
    with pytest.raises(SystemExit):
        evaluate([str(moved / "run"), f"dataset.root={other}"])
    assert "its split hash was" in capsys.readouterr().err


def test_help_shows_words_and_examples_and_imports_no_torch():
    code = "import sys; from mmgraph.cli.recommend import main\ntry:\n    main(['--help'])\n"
    code += "finally:\n    assert 'torch' not in sys.modules, 'torch was imported'"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "mmgraph-recommend outputs/my-run users=alice" in run.stdout


def test_the_version(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"mmgraph {mmgraph.__version__}\n"
