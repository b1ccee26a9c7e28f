import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.metrics import (
    LinkPredHitRatio,
    LinkPredMAP,
    LinkPredMRR,
    LinkPredNDCG,
    LinkPredPrecision,
    LinkPredRecall,
)

from mmgraph.evaluation.metrics import METRICS

PYG = {
    "recall": LinkPredRecall,
    "ndcg": LinkPredNDCG,
    "precision": LinkPredPrecision,
    "map": LinkPredMAP,
    "mrr": LinkPredMRR,
    "hit_ratio": LinkPredHitRatio,
}


def plain(name, hits, num_relevant):
    """One user's value in plain Python, from the textbook."""
    k = len(hits)
    found = [rank for rank, hit in enumerate(hits, start=1) if hit]
    if num_relevant == 0:
        return 0.0
    return {
        "recall": len(found) / num_relevant,
        "precision": len(found) / k,
        "ndcg": sum(1 / math.log2(r + 1) for r in found)
        / sum(1 / math.log2(r + 1) for r in range(1, min(num_relevant, k) + 1)),
        "map": sum((found.index(r) + 1) / r for r in found) / min(num_relevant, k),
        "mrr": 1 / found[0] if found else 0.0,
        "hit_ratio": float(bool(found)),
    }[name]


@st.composite
def rankings(draw):
    """Lists of distinct items and held-out items, with users that have none."""
    num_users, num_items = draw(st.integers(1, 6)), draw(st.integers(1, 12))
    k = draw(st.integers(1, num_items))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**32 - 1)))
    lists = torch.rand(num_users, num_items, generator=generator).argsort(dim=1)[:, :k]
    relevant = torch.rand(num_users, num_items, generator=generator) < draw(st.floats(0, 1))
    return lists, relevant


@pytest.mark.parametrize("name", METRICS)
@given(ranking=rankings())
@settings(max_examples=60, deadline=None)
def test_equals_plain_python(name, ranking):
    lists, relevant = ranking
    hits, num_relevant = relevant.gather(1, lists), relevant.sum(1)
    values = METRICS[name](hits, num_relevant)
    expected = [plain(name, row.tolist(), int(n)) for row, n in zip(hits, num_relevant, strict=True)]
    assert values.dtype == torch.float64
    assert values.tolist() == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("name", METRICS)
@given(ranking=rankings())
@settings(max_examples=60, deadline=None)
def test_equals_pyg(name, ranking):
    lists, relevant = ranking
    hits, num_relevant = relevant.gather(1, lists), relevant.sum(1)
    oracle = PYG[name](k=lists.size(1))
    oracle.update(lists, relevant.nonzero().T)
    judged = METRICS[name](hits, num_relevant)[num_relevant > 0]  # PyG counts no others
    mean = float(judged.mean()) if judged.numel() else 0.0
    assert mean == pytest.approx(float(oracle.compute()), abs=1e-6)  # PyG: float32


def test_known_answers():
    hits = torch.tensor([[False, True, True, False]])
    values = {name: metric(hits, torch.tensor([6])).item() for name, metric in METRICS.items()}
    best = 1 + 1 / math.log2(3) + 0.5 + 1 / math.log2(5)
    assert values == pytest.approx(
        {
            "recall": 2 / 6,
            "precision": 2 / 4,
            "ndcg": (1 / math.log2(3) + 0.5) / best,
            "map": (1 / 2 + 2 / 3) / 4,
            "mrr": 1 / 2,
            "hit_ratio": 1.0,
        }
    )


@pytest.mark.parametrize("name", METRICS)
def test_without_a_hit_every_metric_is_zero(name):
    """What the evaluator relies on: users without a hit are not computed."""
    assert METRICS[name](torch.zeros(3, 5, dtype=torch.bool), torch.tensor([1, 4, 9])).tolist() == [0.0, 0.0, 0.0]
