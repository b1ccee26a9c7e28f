"""A package of somebody else's, written into a folder of a test."""

import importlib
import itertools
import sys
import textwrap

import pytest

NUMBER = itertools.count()
CODE = """
import torch
from torch_geometric.transforms import BaseTransform

from mmgraph.datasets import Synthetic
from mmgraph.evaluation import Evaluator
from mmgraph.loader import FullGraphLoader
from mmgraph.losses import LossTerm
from mmgraph.models import Recommender
from mmgraph.typing import Encoding

__version__ = "1.2.3"


class Mine(Recommender):
    cost = "light"

    def __init__(self, graph, *, layer: torch.nn.Module, emb_dim: int = 8):
        super().__init__(graph)
        self.layer = layer
        self.user = torch.nn.Parameter(torch.randn(self.num_users, emb_dim))
        self.item = torch.nn.Parameter(torch.randn(self.num_items, emb_dim))

    def forward(self, graph):
        return Encoding(self.layer(self.user), self.item)


class Double(torch.nn.Module):
    def forward(self, x):
        return 2 * x


class Softplus(LossTerm):
    def forward(self, model, encoding, batch):
        found = model.score_pairs(encoding, batch.user, batch.pos_item)
        other = model.score_pairs(encoding, batch.user, batch.neg_item)
        return torch.nn.functional.softplus(other - found).mean()


class Mark(BaseTransform):
    def forward(self, graph):
        graph.mark = torch.ones(1)
        return graph


class Data(Synthetic):
    pass


class Batches(FullGraphLoader):
    pass


class Ranks(Evaluator):
    pass


def function():
    raise SystemExit("a function was called")


class Anything:
    pass
"""
FILES = {
    "model/mine.yaml": """\
        # Mine, in no journal
        defaults: [override /graph@_global_.graph: mine]
        _target_: NAME.Mine
        _partial_: true
        layer: {_target_: NAME.Double}
        emb_dim: 8
        """,
    "graph/mine.yaml": "mark: {_target_: NAME.Mark}",
    "loss/mine.yaml": "_target_: mmgraph.losses.Objective\nterms: {soft: {_target_: NAME.Softplus, weight: 1.0}}",
    "tuned/mine-own.yaml": "# @package _global_\nmodel: {emb_dim: 4}",
    "ablation/mine-narrow.yaml": "# @package _global_\nmodel: {emb_dim: 2}",
    "sweeper/mine.yaml": """\
        # @package _global_
        defaults:
          - override /hydra/sweeper: basic
        hydra: {mode: MULTIRUN, sweeper: {params: {model.emb_dim: "4,6"}}}
        """,
    "dataset/own.yaml": """\
        _target_: NAME.Data
        num_users: 60
        num_items: 60
        num_topics: 4
        """,
    "loader/own.yaml": "_target_: NAME.Batches\n_partial_: true\nbatch_size: 512",
    "evaluator/own.yaml": """\
        _target_: NAME.Ranks
        _partial_: true
        mask: {val: [train], test: [train]}
        metrics: [recall]
        ks: [20]
        cold_users: keep
        chunk_size: 512
        """,
}


def write_package(folder, name, *, code=CODE, files=FILES):
    """A package with its own files of config groups; returns its folder."""
    package = folder / name
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(code)
    write_files(package / "conf", name, files)
    importlib.invalidate_caches()
    return package


def write_files(folder, name, files=FILES):
    """Files of config groups that name the classes of a package."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text).replace("NAME", name))


def write_entry_point(folder, package, *, version="4.5"):
    """What pip leaves of a package that announces itself."""
    about = folder / f"{package.replace('.', '_')}-{version}.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
    (about / "entry_points.txt").write_text(f"[mmgraph.plugins]\n{package.replace('.', '_')} = {package}\n")


@pytest.fixture
def new_name():
    """A name that no other test has imported."""
    return f"plugin_of_test_{next(NUMBER)}"


@pytest.fixture
def own_path(monkeypatch):
    """Leaves ``sys.path`` and ``MMGRAPH_PLUGINS`` as they were."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delenv("MMGRAPH_PLUGINS", raising=False)


@pytest.fixture
def loose(tmp_path, monkeypatch, new_name, own_path):
    """Name of a package in a loose folder, announced by the environment variable."""
    package = write_package(tmp_path / "loose", new_name)
    monkeypatch.setenv("MMGRAPH_PLUGINS", str(package))
    return new_name


@pytest.fixture
def installed(tmp_path, monkeypatch, new_name, own_path):
    """Name of a package on ``sys.path`` that announces itself."""
    folder = tmp_path / "site-packages"
    write_package(folder, new_name)
    write_entry_point(folder, new_name)
    monkeypatch.syspath_prepend(folder)
    return new_name
