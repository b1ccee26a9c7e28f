import pytest

from mmgraph.evidence.reproduce.api import reproduce


def test_counts_of_a_data_set_beside_the_published_ones(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["dataset.num_users=60", "dataset.num_items=50"]
    made = reproduce("mgnm", "table-2", dataset="synthetic", words=words, out=tmp_path / "out")
    (row,) = made.table.rows
    users, items, behaviour, sparsity, image, text = (cell.mean for cell in row.cells)
    assert (row.label, users, items, image, text) == ("synthetic", 60, 50, 64, 32)
    assert sparsity == pytest.approx(100 * (1 - behaviour / 3000))


def test_sets_that_are_not_here_stand_there_with_what_was_published(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = reproduce("rednd", "table-1", words=[f"data_root={tmp_path}"])
    assert [row.label for row in made.table.rows] == ["Baby", "Sports", "Office"]
    assert [cell.published for cell in made.table.rows[2].cells] == [4905, 2420, 53258, 99.55]
    assert all(cell.mean is None for row in made.table.rows for cell in row.cells)
    assert "Office: the data set is not here" in made.table.notes


def test_settings_are_those_that_would_train(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = reproduce("lgmrec", "table-4", dataset=["clothing", "lfm2k"], words=["model.alpha=0.25"])
    clothing, lfm2k = made.table.rows
    assert clothing.cells[3].mean == clothing.cells[3].published == 64
    assert clothing.cells[4].mean == lfm2k.cells[4].mean == 0.25
    assert lfm2k.cells[4].published is None
