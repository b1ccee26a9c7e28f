"""``import mmgraph``: which names there are, what it costs, and that the README's Python section runs."""

import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import mmgraph as mm
from mmgraph.datasets import Control

README = Path(__file__).parents[1] / "README.md"


def test_every_public_name_is_there_and_none_is_that_of_a_module():
    modules = {module.name for module in pkgutil.iter_modules(mm.__path__)}
    assert not modules & set(mm._PLACES)
    for name in mm._PLACES:
        assert getattr(mm, name).__module__.startswith("mmgraph.")
    assert set(mm._ROOMS) <= modules
    assert {"RedND", "run", "nn"} <= set(dir(mm))


def _is_public(found):
    """Controls are words of the configuration, with names that mean something else elsewhere."""
    return isinstance(found, type) and not issubclass(found, Control)


def test_every_model_and_loss_term_is_a_public_name():
    for room in ("models", "losses", "datasets"):
        module = importlib.import_module(f"mmgraph.{room}")
        classes = {name for name in module.__all__ if _is_public(getattr(module, name))}
        assert classes <= set(mm._PLACES)


def test_a_name_that_is_not_there():
    for name, hint in {
        "RedNd": "; did you mean RedND",
        "rednd": "; did you mean RedND",
        "LightGCNConv": ".* \\(layers are in",
    }.items():
        with pytest.raises(AttributeError, match=f"has no attribute '{name}'{hint}"):
            getattr(mm, name)
    assert not hasattr(mm, "__path")


def test_a_star_brings_the_public_names():
    names = {}
    exec("from mmgraph import *", names)
    assert set(names) - {"__builtins__"} == {*mm._PLACES, *mm._ROOMS}


def test_importing_it_imports_nothing_else():
    code = "import sys, mmgraph; assert not {'torch', 'numpy', 'hydra', 'omegaconf'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


SETTINGS = """
import random
import numpy as np
import torch
import mmgraph as mm

def settings():
    return {
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "warn_only": torch.is_deterministic_algorithms_warn_only_enabled(),
        "fill": torch.utils.deterministic.fill_uninitialized_memory,
        "denormal": (torch.full((1,), 1e-310, dtype=torch.float64) * 0.5).item(),
        "threads": torch.get_num_threads(),
        "dtype": torch.get_default_dtype(),
        "grad": torch.is_grad_enabled(),
        "python": random.getstate(),
        "torch": torch.get_rng_state().tolist(),
        "numpy": [np.asarray(part).tolist() for part in np.random.get_state()],
    }

data = mm.Synthetic(num_users=60, num_items=60)
mm.run  # what others draw as they are imported is theirs
before = settings()
runs = [mm.run("rednd", data, max_epochs=2, seed=3, verbose=False) for _ in range(2)]
runs[0].recommend([1])
changed = [name for name, value in settings().items() if value != before[name]]
assert not changed, changed
assert runs[0].test == runs[1].test
losses = [[row["loss/bpr"] for row in run.history] for run in runs]
assert losses[0] == losses[1]
"""


def test_the_process_is_left_as_it_was_found_and_a_run_repeats():
    """In a process of its own: the checks of types draw from Python's generator."""
    subprocess.run([sys.executable, "-W", "ignore", "-c", SETTINGS], check=True)


def test_the_python_section_of_the_readme_runs(tmp_path, monkeypatch):
    section = README.read_text().partition("## From Python")[2].partition("\n## ")[0]
    blocks = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    assert blocks
    monkeypatch.chdir(tmp_path)
    code = "\n".join(blocks).replace('mm.MMRecFolder("data/sports")', "mm.Synthetic(num_users=120, num_items=80)")
    names = {}
    exec(compile(code.replace("max_epochs=50", "max_epochs=2"), "README.md", "exec"), names)
    assert names["run"].folder == tmp_path / "outputs" / "rednd"
    assert len(names["fit"].history) == 2
