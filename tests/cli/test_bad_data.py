"""Every way in which a user's files can be wrong, through the command line: a clear error, and nothing is written."""

import json
from pathlib import Path

import numpy as np
import pytest

from mmgraph.cli.train import main

NUM_USERS, NUM_ITEMS = 12, 8


def interactions():
    rows = [(u, (u + step) % NUM_ITEMS, label) for u in range(NUM_USERS) for step, label in enumerate((0, 0, 0, 1, 2))]
    return ["userID\titemID\tx_label", *(f"{u}\t{i}\t{x}" for u, i, x in rows)]


@pytest.fixture
def folder(tmp_path):
    """A correct folder in MMRec's layout."""
    root = tmp_path / "shop"
    root.mkdir()
    (root / "shop.inter").write_text("\n".join(interactions()) + "\n")
    np.save(root / "text_feat.npy", np.random.default_rng(0).normal(size=(NUM_ITEMS, 3)).astype(np.float32))
    return root


def words(folder, run_dir, *others):
    knn = [
        "graph.knn.k=2",
        "trainer.max_epochs=1",
        "trainer.accelerator=cpu",
        "evaluator.ks=[2]",
        "trainer.monitor=recall@2",
    ]
    return ["dataset=folder", f"dataset.root={folder}", *knn, f"hydra.run.dir={run_dir}", *others]


def edit(change):
    """Changes the lines of the interaction file."""

    def apply(folder):
        lines = interactions()
        change(lines)
        (folder / "shop.inter").write_text("\n".join(lines) + "\n")

    return apply


def replace(number, line):
    return edit(lambda lines: lines.__setitem__(number, line))


def features(change):
    """Changes the feature matrix."""

    def apply(folder):
        x = np.load(folder / "text_feat.npy")
        np.save(folder / "text_feat.npy", change(x), allow_pickle=True)

    return apply


def entry(value):
    def change(x):
        x[2, 1] = value
        return x

    return features(change)


def truncate(folder):
    path = folder / "text_feat.npy"
    path.write_bytes(path.read_bytes()[:-20])


def no_validation(lines):
    lines[1:] = [line for line in lines[1:] if not line.endswith("\t1")]


CASES = {
    "no file": (lambda folder: (folder / "shop.inter").unlink(), ".inter"),
    "no column": (replace(0, "userID\tproduct\tx_label"), "itemID"),
    "negative id": (replace(3, "-1\t2\t0"), "shop.inter:4"),
    "fractional id": (replace(3, "0.5\t2\t0"), "shop.inter:4"),
    "a word for an id": (replace(3, "bob\t2\t0"), "shop.inter:4"),
    "a gap in the ids": (edit(lambda lines: lines.append(f"{NUM_USERS + 3}\t0\t0")), "set dataset.k_core=1"),
    "a pair twice": (edit(lambda lines: lines.append("0\t0\t0")), "shop.inter:62"),
    "an unknown label": (replace(3, "0\t2\t7"), "shop.inter:4"),
    "an empty split": (edit(no_validation), "validation"),
    "too few feature rows": (features(lambda x: x[:-1]), "text_feat.npy"),
    "a stray NaN": (entry(np.nan), "row 2"),
    "another encoding": (
        lambda folder: (folder / "shop.inter").write_text("\n".join(interactions()), encoding="utf-16"),
        "shop.inter: is UTF-16 text",
    ),
    "an infinity": (entry(np.inf), "row 2"),
    "features that need pickle": (features(lambda x: x.astype(object)), "pickle"),
    "a truncated file": (truncate, "text_feat.npy"),
}


@pytest.mark.parametrize("name", CASES)
def test_bad_files(folder, tmp_path, capsys, name):
    break_it, told = CASES[name]
    break_it(folder)
    run_dir = tmp_path / "run"
    with pytest.raises(SystemExit) as caught:
        main(words(folder, run_dir))
    assert caught.value.code == 1
    error = capsys.readouterr().err
    assert told in error
    assert "Traceback" not in error
    assert not run_dir.exists()


def test_an_unknown_modality(folder, tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        main(words(folder, tmp_path / "run", "dataset.modalities=[smell]"))
    assert caught.value.code == 1
    assert "smell" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_run_prints_once_what_it_read(folder, tmp_path, capsys):
    main(words(folder, tmp_path / "run"))
    line = "shop: 12 users, 8 items; 36 train, 12 validation, 12 test (split x_label); modalities: text 3-d\n"
    assert capsys.readouterr().out.count(line) == 1


def test_diversity_reads_the_categories_of_items(folder, tmp_path):
    (folder / "items.tsv").write_text("itemID\tcategory\n" + "".join(f"{i}\t{i}\n" for i in range(NUM_ITEMS)))
    main(words(folder, tmp_path / "run", "evaluator.metrics=[recall,diversity]"))
    assert json.loads((tmp_path / "run" / "report.json").read_text())["test"]["diversity@2"] == 1


def test_the_same_folder_unharmed_trains(folder, tmp_path, capsys):
    main(words(folder, tmp_path / "run"))
    assert (tmp_path / "run" / "report.json").exists()
    assert sorted(path.name for path in Path(folder).iterdir()) == ["shop.inter", "text_feat.npy"], "only read"
