import json
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
LIBRARIES = {"cold_floors", "cold_split", "cold_tasks", "figures", "measuring", "random_run", "targets", "work"}
SCRIPTS = sorted(path.stem for path in BENCHMARKS.glob("*.py") if path.stem not in LIBRARIES)
# One process for all of them, since torch takes seconds to import; the path is a script's own, not pytest's.
ASK_ALL_FOR_HELP = """
import contextlib, io, json, runpy, sys
folder, *names = sys.argv[1:]
sys.path[0], found = folder, {}
for name in names:
    sys.argv = [f"{name}.py", "--help"]
    with contextlib.redirect_stdout(io.StringIO()) as out:
        try:
            runpy.run_path(f"{folder}/{name}.py", run_name="__main__")
        except SystemExit as stop:
            found[name] = [stop.code, out.getvalue()]
print(json.dumps(found))
"""


def test_each_script_shows_its_command_when_asked_for_help():
    words = [sys.executable, "-W", "ignore", "-c", ASK_ALL_FOR_HELP, str(BENCHMARKS), *SCRIPTS]
    found = json.loads(subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout)
    assert sorted(found) == SCRIPTS
    for name, (code, text) in found.items():
        assert code == 0
        assert f"python benchmarks/{name}.py" in text


def test_the_readme_names_every_script():
    text = (BENCHMARKS / "README.md").read_text()
    assert [name for name in SCRIPTS if f"{name}.py" not in text] == []
