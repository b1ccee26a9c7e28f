"""The code of the tutorials and guides runs as it stands."""

import re
import shlex
import warnings
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

from mmgraph.config.compose import compose_config

DOCS = Path(__file__).parents[1] / "docs"
TUTORIALS = DOCS / "tutorials"
GUIDES = DOCS / "guides"


BLOCK = re.compile(r"(?m)^```python\n(.*?)^```$", re.DOTALL)
NEEDS = re.compile(r"# needs: (\w+)\n")


def run(name, folder=TUTORIALS):
    """Runs all Python blocks of a page as one script, but those whose package is absent; returns its variables."""
    text = (folder / name).read_text()
    code = ""
    for block in BLOCK.finditer(text):
        if is_runnable(block[1], name):
            # Blocks stay at their line numbers, so that a traceback names the line of the page.
            code += "\n" * (text[: block.start(1)].count("\n") - code.count("\n")) + block[1]
    variables = {}
    with warnings.catch_warnings():
        if "pytorch_lightning" in code:
            warnings.simplefilter("ignore")  # it gives advice, and uses what torch is about to drop
        exec(compile(code, str(folder / name), "exec"), variables)  # our own documentation
    return variables


def is_runnable(block, name):
    needed = NEEDS.match(block)
    if needed is None or find_spec(needed[1]):
        return True
    warnings.warn(f"a part of {name} is not run: {needed[1]} is not installed", stacklevel=1)
    return False


# A guide, and what must hold in the end.
GUIDE_CHECKS = {
    "analyses.md": lambda found: (
        len(found["by_user"].rows("users by activity")) >= 4
        and {row["group"] for row in found["by_item"].rows("items by popularity")} == {"head", "tail"}
        and found["pulls"].rows("users by epoch")[0]["users"] > 0
        and found["paths"][0].name == "hyperedges.json"
    ),
    "choose-and-tune.md": lambda found: found["final"].test["recall@20"] > 0,
    "comparing.md": lambda found: (
        found["board"].baseline.startswith("lightgcn")
        and found["board"]["popularity"].verdict.startswith("worse, beyond")
        and found["fused"].val["recall@20"] > max(run.val["recall@20"] for run in found["members"]) - 0.005
        and (found["again"].ids == found["lists"].ids).all()
    ),
    "export.md": lambda found: found["scores"].shape == (2, 80) and found["theirs"].test == found["run"].test,
    "features.md": lambda found: (
        found["best"].recall > 0.5 and found["data"][0]["item"].has_text.tolist().count(False) == 1
    ),
    "first-run.md": lambda found: found["run"].folder == Path("outputs/first").absolute(),
    "many-machines.md": lambda found: len(found["run"].history) == 2 and found["seconds"] > 0,
    "modalities.md": lambda found: (
        [found["found"].verdict(name) for name in ("image", "text")] == ["beyond the floor", "within the floor"]
        and [sorted(curve) for curve in found.get("curves", {}).values()] in ([], [[0, 0.5, 0.9]])
    ),
    "new-users-and-items.md": lambda found: found["night"].report.warm_start["users_known"] == 120,
    "prepare.md": lambda found: (
        len(found["bad"]) == 3
        and found["data"].user_ids[0].startswith("c-")
        and found["counted"][0]["user", "interacts", "item"].weight.unique().tolist() == [1, 2]
        and found["run"].test["recall@20"] > 0
    ),
    "read-a-report.md": lambda found: found["losses"][-1] < found["losses"][0],
    "recommend.md": lambda found: (found["again"].ids == found["found"].ids).all() and not found["shop"].exists(),
    "shop.md": lambda found: (
        found["best"] != "popularity"
        and found["night"].history[0]["val/recall@20"] > 0.8 * found["run"].val["recall@20"]
        and found["lists"].lists == len(found["data"].user_ids)
        and [item["id"] for item in found["answer"]["items"]] == found["one"].ids[0].tolist()
    ),
    "reproducing.md": lambda found: (
        len(found["plan"].runs) == 4
        and found["settings"].table.rows[0].cells[0].mean == 2
        and "lgmrec-figure-5-synthetic.png" in [path.name for path in found["made"].files]
    ),
    "report.md": lambda found: "page" not in found or "run-synthetic-lightgcn" in found["page"].read_text(),
    "serve.md": lambda found: found.get("model", "mf_bpr") == "mf_bpr" and not found.get("why", {}).get("modalities"),
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
    for extra in ("ray", "submitit"):
        if f"launcher={extra}" in command:
            pytest.importorskip(f"hydra_plugins.hydra_{extra}_launcher")
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


@pytest.fixture(scope="module")
def by_hand():
    return run("train-by-hand.md")


def test_the_loop_in_plain_pytorch_learns(by_hand):
    assert by_hand["history"][-1]["bpr"] < 0.5 * by_hand["history"][0]["bpr"]
    assert by_hand["best"] > 0.35
    assert by_hand["test"]["recall@20"] > 0.3


def test_the_evaluation_by_hand_is_that_of_the_evaluator(by_hand):
    assert by_hand["own_recall"] == pytest.approx(by_hand["test"]["recall@20"], abs=1e-9)
    assert by_hand["own_ndcg"] == pytest.approx(by_hand["test"]["ndcg@20"], abs=1e-9)
    assert 0 < by_hand["late"] < 1


def test_the_sampler_of_ones_own_prefers_popular_items_and_trains(by_hand):
    popular = by_hand["popular"]
    user = popular.user.repeat(5)
    negative = popular.negatives(user)
    assert not popular.has[user, negative].any()
    degree = by_hand["graph"]["item"].degree.float()
    assert degree[negative].mean() > 1.2 * degree.mean()
    assert by_hand["by_hand"][1]["bpr"] < by_hand["by_hand"][0]["bpr"]
    assert len(by_hand["fit"].history) == 5


def test_the_same_loop_by_fabric_and_by_lightning(by_hand):
    assert by_hand["fabric_recall"] > 0.25
    assert by_hand.get("lightning_recall", 1.0) > 0.25
