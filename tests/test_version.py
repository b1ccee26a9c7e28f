"""One version and one date, wherever they are written."""

import re
from pathlib import Path

import yaml

import mmgraph

ROOT = Path(__file__).parents[1]


def test_citation_and_changelog_are_of_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    version, date = re.search(r"(?m)^## \[([\d.]+)\] - ([\d-]+)$", (ROOT / "CHANGELOG.md").read_text()).groups()
    assert citation["version"] == version == mmgraph.__version__
    assert str(citation["date-released"]) == date
