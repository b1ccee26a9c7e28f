"""The tutorial "your own model": its files in an empty folder, its commands as they stand, in both ways."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TEXT = (Path(__file__).parents[1] / "docs" / "tutorials" / "your-own-model.md").read_text()
FILES = dict(re.findall(r"^`([\w./-]+)`[^`\n]*:\n\n```\w+\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
COMMANDS = re.findall(r"^```bash\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
PYTHON = re.findall(r"^```python\n(import.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| \d \| (\w+) \| ([\d.]+) \| ([\d.]+) \|", re.MULTILINE)


def run(folder, command, **environment):
    """Runs what is to be typed or executed, in a process of its own."""
    search = os.pathsep.join(filter(None, [environment.pop("PYTHONPATH", ""), os.environ.get("PYTHONPATH", "")]))
    env = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": search, **environment}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def type_in(folder, commands, **environment):
    for name in ("train", "evaluate"):
        commands = commands.replace(f"mmgraph-{name}", f"{sys.executable} -m mmgraph.cli.{name}")
    return run(folder, ["bash", "-ec", commands], **environment)


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """The repository with the tutorial's files, its first commands run."""
    folder = tmp_path_factory.mktemp("own") / "my_repository"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    type_in(folder, COMMANDS[0])
    return folder


def test_it_is_sixty_lines_in_all():
    lines = [line for text in (*FILES.values(), *COMMANDS, *PYTHON) for line in text.splitlines() if line.strip()]
    assert len(FILES) == 7
    assert len(lines) <= 60


def test_the_table_beside_three_baselines_is_the_one_that_is_printed(repository):
    found = ROW.findall((repository / "table" / "sweep.md").read_text())
    printed = ROW.findall(TEXT)
    assert [name for name, *_ in found] == ["popularity", "vbpr", "lightgcn", "mine"]
    assert [name for name, *_ in printed] == [name for name, *_ in found]
    for (_, *values), (_, *shown) in zip(found, printed, strict=True):
        assert list(map(float, values)) == pytest.approx(list(map(float, shown)), abs=0.02)


def test_its_own_grid_and_tuned_values(repository):
    out = type_in(repository, COMMANDS[1], MMGRAPH_PLUGINS="./my_package")
    assert "all 3 jobs" in out
    assert "finished before" in out
    assert "equal to run/report.json" in out
    assert "lr: 0.005" in (repository / "run" / "config.yaml").read_text()


def test_installed_with_an_entry_point(repository, tmp_path):
    """What pip would leave of it beside the package."""
    about = tmp_path / "my_package-0.1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: my-package\nVersion: 0.1\n")
    points = FILES["pyproject.toml"].partition('[project.entry-points."mmgraph.plugins"]\n')[2]
    (about / "entry_points.txt").write_text("[mmgraph.plugins]\n" + points.replace('"', ""))
    (tmp_path / "my_package").symlink_to(repository / "my_package")
    commands = COMMANDS[2].replace("pip install -e .\n", "")
    assert "mine on synthetic" in type_in(repository, commands, PYTHONPATH=str(tmp_path))
    code = PYTHON[0] + "print(run.report.versions['my_package'], mm.list_models()[:1])"
    assert run(repository, [sys.executable, "-c", code], PYTHONPATH=str(tmp_path)).startswith("0.1 ")
