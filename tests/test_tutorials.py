"""The code of the tutorials runs as it stands."""

import re
from pathlib import Path

import pytest
import torch

TUTORIALS = Path(__file__).parents[1] / "docs" / "tutorials"


def run(name):
    """Runs all Python blocks of a tutorial as one script; returns its variables."""
    text = (TUTORIALS / name).read_text()
    # Blocks stay at their line numbers, so that a traceback names the line of the tutorial.
    parts = re.split(r"(?m)^```(?:python)?$", text)
    code = "".join(part if place % 2 else "\n" * part.count("\n") for place, part in enumerate(parts))
    variables = {}
    exec(compile(code, str(TUTORIALS / name), "exec"), variables)  # our own documentation
    return variables


def test_every_tutorial_is_run():
    assert [path.name for path in TUTORIALS.glob("*.md")] == ["reuse-a-layer.md"]


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
