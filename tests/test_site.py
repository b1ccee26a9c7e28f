"""The documentation site as ``make docs`` builds it: every public name is on it, and nothing comes from elsewhere."""

import importlib.util
import json
import os
import posixpath
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import mmgraph as mm
from mmgraph import nn

ROOT = Path(__file__).parents[1]
TOOLS = ("mkdocs", "material", "mkdocstrings", "griffe", "math_core")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The pages' HTML by their path."""
    if any(importlib.util.find_spec(tool) is None for tool in TOOLS):
        warnings.warn("mkdocs is not installed: the site is not tested (make lint installs it)", stacklevel=1)
        pytest.skip("mkdocs is not installed")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    built = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True
    )
    assert built.returncode == 0, built.stdout + built.stderr
    assert "WARNING" not in built.stdout + built.stderr
    pages = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.html")}
    pages["search"] = json.dumps(json.loads((folder / "search" / "search_index.json").read_text()))
    return pages


def test_every_public_name_is_on_the_site(site):
    anchors = {anchor for page in site.values() for anchor in re.findall(r'\bid="([^"]+)"', page)}
    wanted = {f"mmgraph.{name}" for name in mm._PLACES} | {f"mmgraph.nn.{name}" for name in nn.__all__}
    assert wanted
    assert not wanted - anchors


def test_the_table_of_names_leads_to_what_they_are(site):
    rows = re.findall(r'href="([^"]+)"><code>(\w+)</code></a></td>', site["api/index.html"])
    assert {name for _, name in rows} == set(mm._PLACES)
    for link, name in rows:
        page, _, anchor = link.partition("#")
        target = posixpath.normpath(posixpath.join("api", page))
        assert f'id="{anchor}"' in site[target], name


def test_every_card_is_a_page_with_settings_and_class(site):
    cards = [path.stem for path in (ROOT / "docs" / "models").glob("*.md")]
    assert cards
    for card in cards:
        assert 'id="class"' in site[f"models/{card}.html"], card
        assert "_target_" in site[f"models/{card}.html"], card


def test_docstrings_are_shown_as_a_reader_of_the_site_expects(site):
    text = "".join(page for name, page in site.items() if name.startswith(("api/", "models/")))
    assert not re.findall(r":(?:math|class|func|meth|mod|data|attr):|\.\. math::|\\\(", text)
    assert "<math" in site["models/rednd.html"]
    assert re.search(r'href="\.\./api/models\.html#mmgraph\.models\.(base\.)?Recommender"', site["models/rednd.html"])
    assert '<span class="gp">&gt;&gt;&gt; </span>' in site["api/nn/conv.html"]


def test_a_reader_fetches_nothing_from_elsewhere(site):
    for name, page in site.items():
        assert not re.findall(r'(?:src|<link[^>]* href)="?https?://', page), name


def test_the_search_knows_the_layers(site):
    assert "mmgraph.nn.LightGCNConv" in site["search"]
