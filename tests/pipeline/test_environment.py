import platform
import subprocess

import torch
import torch_geometric

import mmgraph
from mmgraph.pipeline.environment import git_commit, peak_memory_bytes, versions


def test_versions_are_those_that_run():
    found = versions()
    assert found["python"] == platform.python_version()
    assert found["torch_geometric"] == torch_geometric.__version__
    assert found["torch"].split("+")[0] == torch.__version__.split("+")[0]
    assert found["mmgraph"] == mmgraph.__version__


def git(folder, *words):
    command = ["git", "-C", folder, "-c", "user.name=a", "-c", "user.email=a@example.org", *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_commit_of_a_repository_with_and_without_changes(tmp_path):
    git(tmp_path, "init", "-q")
    (tmp_path / "file").write_text("one")
    git(tmp_path, "add", "file")
    git(tmp_path, "commit", "-qm", "first")
    git(tmp_path, "tag", "-a", "v1", "-m", "a tag must not hide the hash")
    head = git(tmp_path, "rev-parse", "HEAD")
    assert git_commit(tmp_path) == head
    (tmp_path / "file").write_text("two")
    assert git_commit(tmp_path) == f"{head}-dirty"


def test_no_commit_outside_a_repository_or_without_git(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git_commit(tmp_path) is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_commit(tmp_path) is None


def test_peak_memory_is_in_bytes_and_never_falls():
    before = peak_memory_bytes()["cpu"]
    block = torch.ones(64 * 2**20)  # 256 MiB
    after = peak_memory_bytes()["cpu"]
    assert block.sum() == 64 * 2**20
    assert 2**25 < before <= after < 2**40
    assert after >= block.nbytes
