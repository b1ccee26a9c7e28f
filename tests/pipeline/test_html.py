"""A run in a notebook shows itself, whatever somebody wrote into its report."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmgraph.pipeline.html import run_html
from mmgraph.pipeline.report import load_report, summary_line, summary_table
from tests.conftest import run_report

REPORT = {
    "config": {"trainer": {"monitor": "recall@20"}},
    "val": {"recall@20": 0.5, "ndcg@20": 0.25},
    "test": {"recall@20": 0.4},
    "history": [
        {"epoch": 0, "seconds": 1.5, "val/recall@20": 0.25},
        {"epoch": 1, "seconds": 1.0, "val/recall@20": 0.5},
    ],
}
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=3),
    st.floats(),
    st.integers(),
    st.just(10**400),
    st.just([]),
    st.just({}),
)


def places(node, found=()):
    """Paths to everything in a nested report."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield (*found, key)
        yield from places(child, (*found, key))


def test_the_curve_names_its_metric_and_marks_the_best_epoch():
    html = run_html(run_report(**REPORT), Path("outputs") / "<run>")
    assert "val recall@20 by epoch, 0.2500 to 0.5000" in html
    assert "outputs/&lt;run&gt;" in html
    assert 'cx="320.0" cy="0.0"' in html


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return run_report(**REPORT).save(tmp_path_factory.mktemp("written") / "report.json")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_report_that_was_edited_is_shown_or_refused(written, data):
    content = json.loads(written.read_text())
    path = written.with_name("edited.json")
    *parents, last = data.draw(st.sampled_from(sorted(places(content), key=str)))
    node = content
    for key in parents:
        node = node[key]
    value = data.draw(VALUES)
    if isinstance(node, dict) and data.draw(st.booleans()):
        node[data.draw(st.text(max_size=6))] = value
    else:
        node[last] = value
    path.write_text(json.dumps(content))
    try:
        report = load_report(path)
    except ValueError:
        return
    assert run_html(report, path)
    assert summary_line(report)
    assert summary_table(report).row_count
