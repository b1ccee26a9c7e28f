import pytest
import torch

from mmgraph.evaluation import Hits
from mmgraph.evidence.finished import FinishedRun
from mmgraph.evidence.reproduce.significance import MEANING, NONE, Contest, starred
from mmgraph.evidence.table import Cell, Column, Table, TableRow
from mmgraph.pipeline.hits import write_hits
from tests.conftest import run_report

USERS = 200


@pytest.fixture
def finished(tmp_path):
    """A run that finds what users want of the given share of them."""

    def make(name, share):
        hit = torch.arange(USERS)[:, None] % 100 < 100 * share
        hits = Hits(torch.arange(USERS), hit, torch.ones(USERS, dtype=torch.long))
        mean = {"recall@1": float(hits.value("recall@1").mean())}
        folder = tmp_path / name
        folder.mkdir()
        run_report(model=name, val=mean, test=mean).save(folder / "report.json")
        write_hits(folder, {"test": hits})
        return [FinishedRun.open(folder)]

    return make


def table(*means):
    rows = [TableRow(str(mean), (Cell((mean,)),)) for mean in means]
    return Table("t", (Column("R@1"),), tuple(rows)).ranked()


def test_the_best_has_a_star_where_users_tell_it_apart(finished):
    runs = [finished("a", 0.2), finished("b", 0.6), finished("c", 0.1)]
    made = starred(table(0.2, 0.6, 0.1), [Contest("recall@1", runs)])
    assert [row.cells[0].stars for row in made.rows] == ["", "*", ""]
    assert made.notes == (MEANING,)


def test_no_star_where_they_do_not(finished):
    runs = [finished("a", 0.6), finished("b", 0.61)]
    made = starred(table(0.6, 0.61), [Contest("recall@1", runs)])
    assert [row.cells[0].stars for row in made.rows] == ["", ""]
    assert made.notes == (NONE,)


def test_nothing_is_tested_where_the_best_is_shared():
    made = starred(table(0.5, 0.5, 0.1), [Contest("recall@1", [[], [], []])])
    assert made.notes == ()
