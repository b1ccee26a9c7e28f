"""The items that are shipped."""

import importlib.util
import numbers

import pytest
from hydra.utils import get_class
from omegaconf import OmegaConf

from mmgraph.config.compose import compose_config, conf_dir
from mmgraph.evidence.reproduce.catalogue import items_of, load_item, papers
from mmgraph.evidence.reproduce.facts import COUNTS
from mmgraph.evidence.reproduce.item import RUNS, STATISTICS

ITEMS = [(paper, name) for paper in papers() for name in items_of(paper)]
SWEPT = {
    "rednd": {f"figure-2-{name}": f"figure2-{name}" for name in ("k", "lambda", "lambda_c")} | {"table-3": "table3"},
    "lgmrec": {f"figure-6{letter}": f"figure6{letter}" for letter in "abcdefgh"}
    | {"figure-4-alpha": "figure4-alpha", "figure-4-hyperedges": "figure4-hyperedges", "table-3": "table3"},
    "nsmar": {"figure-5-neighbors": "figure5-neighbors", "figure-5-lambda": "figure5-lambda"},
}
"""Items and the experiments of ``conf/experiment`` that sweep the same."""


def test_every_item_of_the_papers_is_there():
    assert items_of("rednd") == [
        *("table-1", "table-2", "table-3"),
        *("figure-2-k", "figure-2-lambda", "figure-2-lambda_c", "figure-3"),
    ]
    assert [name for name in items_of("lgmrec") if name.startswith("table")] == [f"table-{n}" for n in (1, 2, 3, 4)]
    assert {"figure-1b", "figure-3", "figure-5"} < set(items_of("lgmrec"))
    assert {"table-1", "table-2", "figure-4", "anova"} < set(items_of("nsmar"))
    assert items_of("mgnm") == [f"table-{n}" for n in range(1, 7)]


@pytest.mark.parametrize(("paper", "name"), ITEMS)
def test_every_row_composes_and_rows_without_a_seed_are_closed_forms(paper, name):
    item = load_item(paper, name)
    assert item.source
    for row in item.rows:
        if item.kind == STATISTICS or row.why_not or row.fuses:
            continue
        cfg = compose_config([*item.words, "dataset=lfm2k", "data_root=/data", *row.words])
        if item.kind == RUNS:
            shown = {f"{metric}@{k}" for metric in cfg.evaluator.metrics for k in cfg.evaluator.ks}
            assert set(item.columns) <= shown
            assert row.seeded == (get_class(cfg.model._target_).cost != "closed form"), row.label


@pytest.mark.parametrize(("paper", "name"), ITEMS)
def test_columns_that_need_no_training_are_there(paper, name):
    item = load_item(paper, name)
    if item.kind == STATISTICS:
        assert set(item.columns) <= set(COUNTS)
    elif item.kind != RUNS:
        cfg = compose_config([*item.words, "dataset=lfm2k", "data_root=/data"])
        assert all(isinstance(OmegaConf.select(cfg, key), numbers.Real) for key in item.columns)


@pytest.mark.parametrize(("paper", "name"), [
    ("rednd", "table-2"), ("lgmrec", "table-2"), ("nsmar", "table-2"), ("mgnm", "table-1"),
])  # fmt: skip
def test_a_comparison_of_models_has_floors_and_a_fusion_of_its_own_model(paper, name):
    rows = load_item(paper, name).rows
    assert {"EASE", "CEASE", "Add-EASE", "L3AE", "Item kNN", "Content kNN", "Popularity"} <= {row.label for row in rows}
    (fusion,) = (row for row in rows if row.fuses)
    assert fusion.fuses[1] == "EASE"


def test_analyses_that_are_named_are_there():
    for paper, name in ITEMS:
        analysis = load_item(paper, name).analysis
        if analysis is not None:
            assert importlib.util.find_spec(f"mmgraph.evidence.analyses.{analysis}"), analysis


@pytest.mark.parametrize(("paper", "name"), [(paper, name) for paper in SWEPT for name in SWEPT[paper]])
def test_an_item_runs_what_the_experiment_of_its_name_sweeps(paper, name):
    swept = OmegaConf.load(conf_dir() / "experiment" / f"{paper}-{SWEPT[paper][name]}.yaml").hydra.sweeper.params
    ((key, values),) = swept.items()
    rows = load_item(paper, name).rows
    said = [dict(word.split("=") for word in row.words).get(key, "none") for row in rows]
    assert sorted(said) == sorted(str(values).split(","))


@pytest.mark.parametrize(("paper", "name"), ITEMS)
def test_curves_and_bars_without_values_say_what_the_paper_reads_from_them(paper, name):
    item = load_item(paper, name)
    has_values = any(row.published for row in item.rows)
    assert item.figure is None or has_values or item.claim is not None


def test_published_values_of_quality_are_shares():
    for paper, name in ITEMS:
        item = load_item(paper, name)
        values = [value for row in item.rows for found in row.published.values() for value in found]
        if item.kind == RUNS:
            assert all(value is None or 0 < value < 1 for value in values), (paper, name)


def test_published_values_as_the_papers_have_them():
    """A few known by heart, from each table."""
    cells = {
        ("rednd", "table-2", "RedND (Our)"): ("baby", 1, 0.1039),
        ("rednd", "table-3", "RedN4D"): ("office", 1, 0.0758),
        ("lgmrec", "table-2", "LGMRec"): ("clothing", 3, 0.0371),
        ("lgmrec", "table-3", "w/ SUID"): ("sports", 0, 0.0895),
        ("nsmar", "table-2", "NSMAR+"): ("sports", 1, 0.1139),
        ("mgnm", "table-1", "MGNM"): ("games", 4, 0.0625),
        ("mgnm", "table-3", "w/o image"): ("beauty", 2, 0.1471),
        ("mgnm", "table-6", "δ = 1e-6"): ("beauty", 7, 0.0846),
    }
    for (paper, name, label), (dataset, place, value) in cells.items():
        (row,) = (row for row in load_item(paper, name).rows if row.label == label)
        assert row.published[dataset][place] == value


def test_a_name_that_is_not_there_lists_those_that_are():
    with pytest.raises(ValueError, match=r"no paper 'redn'; did you mean rednd\?; the papers are rednd, lgmrec"):
        items_of("redn")
    with pytest.raises(ValueError, match=r"rednd has no item 'table3'; did you mean table-3"):
        load_item("rednd", "table3")
