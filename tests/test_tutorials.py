"""The code of the tutorials and guides runs as it stands."""

import re
import shlex
from pathlib import Path

import pytest
import torch

from mmgraph.config.compose import compose_config

DOCS = Path(__file__).parents[1] / "docs"
TUTORIALS = DOCS / "tutorials"
GUIDES = DOCS / "guides"


def run(name, folder=TUTORIALS):
    """Runs all Python blocks of a page as one script; returns its variables."""
    code = []
    inside = False
    for line in (folder / name).read_text().splitlines():
        fence = line.startswith("```")
        inside = line == "```python" if fence else inside
        # Blocks stay at their line numbers, so that a traceback names the line of the page.
        code.append(line if inside and not fence else "")
    variables = {}
    exec(compile("\n".join(code), str(folder / name), "exec"), variables)  # our own documentation
    return variables


# A guide, and what must hold in the end.
GUIDE_CHECKS = {
    "choose-and-tune.md": lambda found: found["final"].test["recall@20"] > 0,
    "first-run.md": lambda found: found["run"].folder == Path("outputs/first").absolute(),
    "many-machines.md": lambda found: len(found["run"].history) == 2 and found["seconds"] > 0,
    "read-a-report.md": lambda found: found["losses"][-1] < found["losses"][0],
    "your-data.md": lambda found: found["graph"]["item"].has_text.tolist().count(False) == 1,
}


@pytest.mark.parametrize("name", sorted(path.name for path in GUIDES.glob("*.md")))
def test_guides(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MMGRAPH_CACHE", str(tmp_path / "cache"))
    assert GUIDE_CHECKS[name](run(name, GUIDES))


COMMANDS = re.findall(
    r"(?m)^mmgraph-train ((?!-m |--).*?)(?: +#.*)?$",
    "\n".join(path.read_text() for path in sorted(GUIDES.glob("*.md"))),
)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_of_the_guides_are_words_that_there_are(command):
    compose_config(shlex.split(command))


def test_every_tutorial_is_run():
    names = sorted(path.name for path in TUTORIALS.glob("*.md"))
    assert names == ["reuse-a-layer.md", "train-by-hand.md", "your-own-model.md"]  # the last one in test_own_model.py


@pytest.fixture(scope="module")
def layers():
    return run("reuse-a-layer.md")


def test_layers_give_vectors_of_their_targets(layers):
    for name in ("from_items", "mean_of_items", "alike"):
        assert layers[name].shape == (60, 16), name
    for name in ("from_users", "smooth", "shared", "filtered"):
        assert layers[name].shape == (40, 16), name
    assert layers["fused"].shape == (40, 32)
    torch.testing.assert_close(layers["incidence"].sum(1), torch.ones(40))


def test_the_model_of_ones_own_learns(layers):
    assert layers["history"][-1] < 0.7 * layers["history"][0]
    assert layers["hits"] > 0.9
