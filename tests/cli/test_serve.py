"""``mmgraph-serve`` in processes of its own."""

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

import mmgraph as mm
from mmgraph.cli.serve import main
from mmgraph.files import atomic_write
from tests.serve.client import ask


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two runs, and a pointer file that names the first."""
    root = tmp_path_factory.mktemp("runs")
    data = mm.Synthetic(num_users=60, num_items=60)
    for name in ("monday", "tuesday"):
        mm.run("popularity", data, folder=root / name, verbose=False)
    (root / "newest").write_text("monday\n")
    return root


@contextmanager
def started(*words, ends_by=signal.SIGTERM):
    """The command; gives its address, then ends it and looks at its exit code."""
    command = [sys.executable, "-m", "mmgraph.cli.serve", *map(str, words), "port=0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    log = []
    try:
        address = None
        while address is None:
            log.append(process.stderr.readline())
            assert log[-1], f"it has ended: {log}"
            address = re.search(r"running on (http://\S+)", log[-1])
        yield address[1], log
    finally:
        process.send_signal(ends_by)
        log += process.communicate(timeout=60)[1].splitlines(keepends=True)
    assert process.returncode == 0, log
    assert not [line for line in log if "Traceback" in line or "ERROR" in line], log


def wait_until(holds):
    """A worker may still be starting."""
    for _ in range(600):
        try:
            if holds():
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError("it never came to hold")


def test_one_process_until_sigterm(runs):
    with started(runs / "monday", "k_max=3") as (address, log):
        wait_until(lambda: ask(address, "/ready").status == 200)
        assert len(ask(address, "/recommend?user=3&k=3").json["items"]) == 3
        assert ask(address, "/recommend?user=3&k=4").status == 422
    assert any(f"serving {runs / 'monday'}" in line for line in log)


def counted(address, what):
    """A figure of the service's."""
    return float(
        re.search(rf"^mmgraph_serve_{what} (\S+)$", ask(address, "/metrics").content.decode(), re.MULTILINE)[1]
    )


def test_two_processes_follow_the_pointer_file_and_count_together(runs):
    loads = 'run_loads_total{outcome="done"}'
    with started(runs / "newest", "workers=2", "poll=0.1", ends_by=signal.SIGINT) as (address, _):
        wait_until(lambda: counted(address, loads) >= 2)
        before = counted(address, loads)
        assert ask(address, "/run").json["run"] == "monday"
        with atomic_write(runs / "newest") as file:
            file.write("tuesday\n")
        wait_until(lambda: counted(address, loads) == before + 2)
        assert {ask(address, "/run").json["run"] for _ in range(10)} == {"tuesday"}
        assert counted(address, 'requests_total{route="/run",status="200"}') == 11


def test_help_shows_examples_and_imports_nothing_heavy():
    code = "import sys; from mmgraph.cli.serve import main\ntry:\n    main(['--help'])\n"
    code += "finally:\n    assert not {'torch', 'numpy', 'fastapi'} & set(sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "mmgraph-serve outputs/newest workers=2 images=shop/images" in run.stdout


def test_the_version(capsys):
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"mmgraph {mm.__version__}\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["prt=3"], "there is no word prt; did you mean port=?"),
        (["port=x"], "port=x: must be a whole number"),
        (["token=s3cret"], "there is no word token"),
        (["loud"], "'loud' is no setting: write NAME=VALUE"),
        (["images=/nowhere"], "images=/nowhere: there is no such folder"),
        ([], "there is no such run folder, nor a pointer file of that name"),
    ],
)
def test_what_cannot_be_right_is_a_sentence(words, message, tmp_path, capsys):
    with pytest.raises(SystemExit) as caught:
        main([str(tmp_path / "nowhere"), *words])
    assert caught.value.code == 1
    assert message in capsys.readouterr().err


def test_without_the_extra_the_sentence_names_it(tmp_path):
    code = "import sys; sys.modules['fastapi'] = None; from mmgraph.cli.serve import main; main(['x'])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ | {"HOME": "/"})
    assert run.returncode == 1
    assert 'fastapi is not installed: pip install -e ".[serve]"' in run.stderr
