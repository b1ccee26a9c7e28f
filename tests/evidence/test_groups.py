import pytest
import torch

from mmgraph.evidence.finished import FinishedRun
from mmgraph.evidence.groups import groups
from mmgraph.pipeline.api import load
from tests.evidence.planted import train_planted


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    return load(train_planted(tmp_path_factory.mktemp("planted")))


def by_group(run, metric="recall@2", **words):
    analysis = groups(run, metric=metric, **words)
    return [{row["group"]: (row["users"], row[metric]) for row in rows} for _, rows in analysis.tables]


def test_the_active_are_served_and_the_quiet_are_not(planted):
    assert by_group(planted, bins=[2]) == [{"0-2": (10, 0.0), ">2": (10, 1.0)}]
    assert by_group(planted, bins=2) == [{"2": (10, 0.0), "6": (10, 1.0)}]


def test_the_head_is_found_and_the_tail_is_not(planted):
    assert by_group(planted, by="popularity") == [{"head": (10, 1.0), "tail": (10, 0.0)}]
    assert by_group(planted, by="popularity", bins=[0, 5]) == [{"0": (1, 0.0), "1-5": (9, 0.0), ">5": (10, 1.0)}]


def test_cold_items_and_cold_users(planted):
    users, items = by_group(planted, by="cold")
    assert users == {"warm": (20, 0.5), "cold": (0, None)}
    assert items == {"warm": (19, pytest.approx(10 / 19)), "cold": (1, 0.0)}


def test_a_column_of_the_items(planted):
    assert by_group(planted, by="kind") == [{"filler": (0, None), "rare": (10, 0.0), "hit": (10, 1.0)}]


def test_groups_that_are_given(planted, tmp_path):
    given = {user: "left" if user < 5 else "right" for user in range(15)}
    expected = [{"right": (10, 0.5), "left": (5, 1.0)}]
    assert by_group(planted, by=given) == expected
    path = tmp_path / "groups.csv"
    path.write_text("user,group\n" + "".join(f"{user},{group}\n" for user, group in given.items()))
    assert by_group(planted, by=path) == by_group(planted, by=str(path)) == expected


def test_values_of_users_are_those_of_the_evaluation(planted):
    hits = FinishedRun.open(planted.folder).hits["test"]
    degree = planted.graph["user"].degree[hits.user]
    for metric in ("ndcg@2", "mrr@2", "hit_ratio@1"):
        value = hits.value(metric)
        expected = {"0-2": float(value[degree <= 2].mean()), ">2": float(value[degree > 2].mean())}
        found = by_group(planted, bins=[2], metric=metric)[0]
        assert {name: mean for name, (_, mean) in found.items()} == pytest.approx(expected)


def test_an_interval_is_that_of_a_mean(planted):
    row = groups(planted, metric="recall@2", by="cold").rows("users, warm and cold")[0]
    value = FinishedRun.open(planted.folder).hits["test"].value("recall@2")
    assert row["interval"] == pytest.approx(float(1.959964 * value.std() / torch.tensor(20.0).sqrt()))
    assert row["deviation"] is None
    assert row["seeds"] == [0]


def test_a_figure_has_bars_for_each_run(planted):
    figure = groups({"one": planted, "two": planted}, by="popularity", metric="recall@2").figure()
    assert [len(container) for container in figure.axes[0].containers if len(container) == 2] == [2, 2]
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["one", "two"]


def test_few_users_are_noted(planted):
    assert any("Fewer than 30 users" in note for note in groups(planted, metric="recall@2").notes)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"by": "knid"}, "by=knid must be one of activity, popularity, cold, a file .csv or .tsv, or a column.*kind"),
        ({"by": "cold", "bins": 3}, "by=cold has groups of its own"),
        ({"split": "train"}, "split must be one that the run's evaluator ranks"),
        ({"metric": "coverage@2"}, "'coverage@2' has no value of single users"),
        ({"metric": "recall", "by": "popularity"}, "metric=recall: must be a metric and a length"),
        ({"by": {}}, "no user is given a group"),
        ({"by": {99: "a"}}, "there is no user 99"),
    ],
)
def test_words_that_cannot_be_right_are_refused(planted, words, message):
    with pytest.raises(ValueError, match=message):
        groups(planted, **{"metric": "recall@2", **words})


def test_longer_lists_than_the_runs_own_are_ranked(planted):
    found = by_group(planted, by="popularity", metric="recall@12")
    assert found == [{"head": (10, 1.0), "tail": (10, 1.0)}]


def test_a_file_names_its_line(planted, tmp_path):
    path = tmp_path / "twice.tsv"
    path.write_text("user\tgroup\n3\ta\n3\tb\n")
    with pytest.raises(ValueError, match=r"twice.tsv:3: user '3' stands twice"):
        groups(planted, by=path, metric="recall@2")
    path.write_text("user\tkind\n")
    with pytest.raises(ValueError, match=r"twice.tsv:1: no column group in the header"):
        groups(planted, by=path, metric="recall@2")
