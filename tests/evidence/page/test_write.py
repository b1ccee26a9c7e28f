import pytest

import mmgraph as mm
from mmgraph.evidence.page.write import write_report
from tests.evidence.page.runs import found_in, hits_of, run_of, save_run
from tests.serve.shop import HOSTILE


@pytest.fixture(scope="session")
def data(page_of_shop):
    return found_in(page_of_shop)


def test_runs_that_differ_in_their_seed_share_a_row(data):
    rows = {row["model"]: row for row in data["board"]["rows"]}
    assert {name: row["seeds"] for name, row in rows.items()} == {"vbpr": [0, 1], "popularity": [0]}
    assert rows["vbpr"]["parameters"] > 0
    assert all(row["minutes"] > 0 for row in rows.values()), "that of a closed form, too"
    assert data["board"]["notes"] == []


def test_figures_are_those_of_the_runs(data, shop):
    (row,) = [row for row in data["board"]["rows"] if row["model"] == "vbpr"]
    reports = [mm.load(shop.runs / f"vbpr-{seed}").report for seed in (0, 1)]
    mean = sum(report.test["recall@20"] for report in reports) / 2
    assert row["test"][0] == pytest.approx(mean, rel=1e-4)
    assert row["test"][2] < mean < row["test"][3]


def test_lists_of_users_are_the_runs_with_their_hits(data, shop):
    page = data[run_of(data, "vbpr")]
    (items,) = [data[name] for name in data if name.startswith("items-")]
    for one, user in zip(page["people"], shop.run.dataset.user_ids, strict=False):
        expected = shop.run.recommend([user], k=10, exclude=["train"]).ids[0].tolist()
        assert one["user"] == user
        assert [items[str(row)]["id"] for row, _, _ in one["recommended"]] == expected
        held_out = {row for row, _ in one["hidden"]}
        assert [hit for _, _, hit in one["recommended"]] == [row in held_out for row, _, _ in one["recommended"]]
        ranks = {row: place + 1 for place, (row, _, _) in enumerate(one["recommended"])}
        assert one["hidden"] == [[row, ranks.get(row)] for row, _ in one["hidden"]]
        assert one["had_in_all"] == len(one["had"])


def test_items_have_names_and_small_pictures_from_the_folder_alone(data, page_of_shop):
    (items,) = [data[name] for name in data if name.startswith("items-")]
    titles = {item["title"] for item in items.values()}
    assert HOSTILE in titles
    assert any(item.get("picture", "").startswith("data:image/jpeg;base64,") for item in items.values())
    assert "picture" not in items["1"], "its name leads out of the folder"
    assert page_of_shop.stat().st_size < 1_000_000


def test_maps_and_groups_are_there_where_there_are_vectors(data):
    assert set(data[run_of(data, "vbpr")]["maps"]["places"]) == {"pca"}
    assert data[run_of(data, "vbpr")]["smoothness"][-1]["part"] == "final"
    assert "maps" not in data[run_of(data, "popularity")]
    assert sum(users for _, users, _, _ in data[run_of(data, "popularity")]["groups"]) > 0


def test_the_page_names_no_place(page_of_shop, shop):
    assert str(shop.root) not in page_of_shop.read_text()


def test_only_the_best_runs_are_looked_at_closely(shop, tmp_path):
    found = found_in(write_report(shop.runs, out=tmp_path / "a.html", maps=[], details=1))
    close = [name for name in found if "people" in found[name]]
    assert len(close) == 1
    assert len(found[close[0]]["people"]) == 3, "drawn ones"


def test_runs_whose_vectors_are_gone_have_a_note(tmp_path):
    save_run(tmp_path / "a", "m", hits_of([1, 0], [0, 1]))
    found = found_in(write_report(tmp_path / "a", out=tmp_path / "a.html", metric="recall@2"))
    assert "m on tiny: no lists, groups and maps" in found["board"]["notes"][0]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"out": "a.pdf"}, "out=a.pdf: must end in .html"),
        ({"maps": ["sne"]}, r"maps=\['sne'\]: must be a list of pca, tsne, umap"),
        ({"k": 0}, "k must be at least 1"),
        ({"metric": "recall@99"}, "metric=recall@99: no run has it"),
        ({"images": "nowhere"}, "images=nowhere: there is no such folder"),
        ({"users": ["nobody"], "maps": []}, "users: there is no user 'nobody'"),
    ],
)
def test_what_cannot_be_right_is_said_and_nothing_is_written(shop, tmp_path, words, message):
    words = {"out": str(tmp_path / "a.html"), **words}
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        write_report(shop.runs, **words)
    assert list(tmp_path.iterdir()) == []
