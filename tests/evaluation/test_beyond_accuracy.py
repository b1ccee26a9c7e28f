import pytest
import torch
from torch_geometric.metrics import LinkPredAveragePopularity, LinkPredCoverage, LinkPredDiversity

from mmgraph.evaluation import beyond_accuracy
from mmgraph.evaluation.beyond_accuracy import describe_lists, list_metrics
from tests.evaluation.conftest import random_labelled

NAMES = ["coverage", "average_popularity", "diversity"]


@pytest.fixture
def data():
    data = random_labelled(30, 20, seed=0)
    data["item"].category = torch.arange(20) % 3
    return data


@pytest.mark.parametrize("block_rows", [4, 4096])
def test_equals_pyg_at_every_k(data, block_rows, monkeypatch):
    monkeypatch.setattr(beyond_accuracy, "BLOCK_ROWS", block_rows)
    lists = torch.rand(30, 20).argsort(dim=1)[:, :7]
    values = describe_lists(list_metrics(data, NAMES, [2, 7]), lists.int())
    for k in (2, 7):
        for name, oracle in {
            "coverage": LinkPredCoverage(k, 20),
            "average_popularity": LinkPredAveragePopularity(k, data["item"].degree),
            "diversity": LinkPredDiversity(k, data["item"].category),
        }.items():
            oracle.update(lists, torch.empty(2, 0))
            assert values[f"{name}@{k}"] == pytest.approx(float(oracle.compute()), rel=1e-6)


def test_state_starts_anew(data):
    metrics = list_metrics(data, NAMES, [3])
    lists = torch.rand(30, 20).argsort(dim=1)[:, :3]
    first = describe_lists(metrics, lists)
    describe_lists(metrics, lists.flip(0)[:1])
    assert describe_lists(metrics, lists) == first


def test_places_behind_a_short_list_do_not_count(data):
    data["item"].degree = torch.arange(20.0)
    lists = torch.tensor([[4, 6, 8], [10, -1, -1], [-1, -1, -1]])
    values = describe_lists(list_metrics(data, ["coverage", "average_popularity"], [3]), lists)
    assert values == pytest.approx({"coverage@3": 4 / 20, "average_popularity@3": (6 + 10) / 2})


def test_no_metrics_no_work():
    assert describe_lists({}, torch.zeros(1, 1)) == {}


def test_diversity_needs_pairs(data):
    with pytest.raises(ValueError, match=r"every k must be at least 2; got \[1, 5\]"):
        list_metrics(data, ["diversity"], [1, 5])
