from mmgraph.evidence.finished import find_runs, group_by_seed
from mmgraph.evidence.row_names import row_names, set_apart
from tests.evidence.made_up import make_run


def save(folder, *words, dataset="tiny", feature_hash=None, **settings):
    overrides = ["model=mf_bpr", f"dataset={dataset}", "seed=0", *words]
    config = {"seed": 0, "overrides": overrides, "dataset": {"name": dataset}, "trainer": settings}
    make_run(folder, val=[1], test=[1], config=config, dataset=dataset, feature_hash=feature_hash)


def groups(folder):
    return group_by_seed(find_runs([folder]))


def test_words_that_not_all_share(tmp_path):
    save(tmp_path / "1", "loss=bpr", "graph=user_item")
    save(tmp_path / "2", "loss=bpr", "graph=multimodal", max_epochs=5)
    assert row_names(groups(tmp_path)) == ["mf_bpr graph=user_item", "mf_bpr graph=multimodal"]
    assert set_apart(groups(tmp_path)) == [[], []]


def test_settings_that_a_changed_file_brought(tmp_path):
    save(tmp_path / "1", patience=5, max_epochs=100)
    save(tmp_path / "2", patience=20, max_epochs=100)
    save(tmp_path / "3", "loss=bpr", patience=20, max_epochs=50)
    assert row_names(groups(tmp_path)) == ["mf_bpr trainer.patience=5", "mf_bpr trainer.patience=20", "mf_bpr loss=bpr"]


def test_the_order_of_words_names_no_row(tmp_path):
    save(tmp_path / "1", "loss=bpr", "graph=user_item", patience=5)
    save(tmp_path / "2", "graph=user_item", "loss=bpr", patience=20)
    assert row_names(groups(tmp_path)) == ["mf_bpr trainer.patience=5", "mf_bpr trainer.patience=20"]


def test_the_folder_where_no_setting_differs(tmp_path):
    save(tmp_path / "1", feature_hash="a")
    save(tmp_path / "2", feature_hash="b")
    assert row_names(groups(tmp_path)) == [f"mf_bpr ({tmp_path / name})" for name in "12"]


def test_a_few_of_many_settings(tmp_path):
    for number in (1, 2):
        save(tmp_path / str(number), **{f"setting_{place}": number for place in range(9)})
    assert [len(words) for words in set_apart(groups(tmp_path))] == [4, 4]


def test_the_same_row_of_two_data_sets_has_no_other(tmp_path):
    save(tmp_path / "1", dataset="tiny")
    save(tmp_path / "2", dataset="small")
    assert set_apart(groups(tmp_path)) == [[], []]
    assert row_names(groups(tmp_path)) == ["mf_bpr dataset=tiny", "mf_bpr dataset=small"]
    assert row_names([]) == []
