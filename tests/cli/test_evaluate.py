import subprocess
import sys

import pytest

import mmgraph
from mmgraph.cli.evaluate import main


def test_the_version(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"mmgraph {mmgraph.__version__}\n"


def test_help_shows_examples_and_imports_no_torch():
    code = "import sys; from mmgraph.cli.evaluate import main\ntry:\n    main(['--help'])\n"
    code += "finally:\n    assert 'torch' not in sys.modules, 'torch was imported'"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "mmgraph-evaluate outputs/my-run evaluator=strict" in run.stdout


def test_a_call_without_a_folder_names_what_is_missing(capsys):
    with pytest.raises(SystemExit):
        main([])
    assert "arguments are required: run_dir\n" in capsys.readouterr().err


def test_it_runs_as_a_module(tmp_path):
    command = [sys.executable, "-m", "mmgraph.cli.evaluate", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 1
    assert "not the folder of a run" in run.stderr
