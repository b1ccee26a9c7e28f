import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmgraph.evaluation import ranking
from mmgraph.evaluation.pairs import PairSet
from mmgraph.evaluation.ranking import rank, top_k
from mmgraph.typing import Encoding
from tests.evaluation.conftest import DotModel, TableModel, labelled
from tests.largest import Largest

NONE = torch.empty(2, 0, dtype=torch.long)


def pairs(edge_index, num_users, num_items):
    return PairSet.of([edge_index], num_users=num_users, num_items=num_items)


def ranked(scores, *, known=NONE, targets=NONE, k, user=None, chunk_size=256):
    num_users, num_items = scores.shape
    model = TableModel(labelled(num_users, num_items), scores)
    return rank(
        model,
        model(None),
        torch.arange(num_users) if user is None else user,
        known=pairs(known, num_users, num_items),
        targets=pairs(targets, num_users, num_items),
        k=k,
        chunk_size=chunk_size,
    )


@given(num_users=st.integers(1, 40), num_items=st.integers(1, 15), seed=st.integers(0, 2**32 - 1), data=st.data())
@settings(max_examples=60, deadline=None)
def test_equals_sorting_in_plain_python(num_users, num_items, seed, data):
    generator = torch.Generator().manual_seed(seed)
    scores = torch.stack([torch.randperm(num_items, generator=generator).float() for _ in range(num_users)])
    known, targets = (torch.rand(2, num_users, num_items, generator=generator) < 0.3).unbind()
    k, chunk_size = data.draw(st.integers(1, num_items)), data.draw(st.integers(1, 50))
    result = ranked(scores.clone(), known=known.nonzero().T, targets=targets.nonzero().T, k=k, chunk_size=chunk_size)
    for user in range(num_users):
        candidates = [item for item in range(num_items) if not known[user, item]]
        expected = sorted(candidates, key=lambda item: -scores[user, item])[:k]
        padding = k - len(expected)
        assert result.item[user].tolist() == expected + [-1] * padding
        assert result.hit[user].tolist() == [bool(targets[user, item]) for item in expected] + [False] * padding


def test_user_order_is_kept_and_users_may_be_a_part():
    scores = torch.eye(4)
    assert ranked(scores, k=1, user=torch.tensor([3, 0, 2])).item.flatten().tolist() == [3, 0, 2]


def test_known_items_never_count_though_they_are_targets():
    """A user who knows everything has a list of nothing, whatever the labels say."""
    everything = torch.ones(1, 3).nonzero().T
    result = ranked(torch.ones(1, 3), known=everything, targets=everything, k=3)
    assert result.item.tolist() == [[-1, -1, -1]]
    assert not result.hit.any()


@pytest.mark.parametrize("chunk_size", [1, 2, 3, 10, 64])
def test_exact_ties_do_not_depend_on_the_chunk(chunk_size):
    scores = torch.zeros(10, 30)
    known = (torch.arange(300).view(10, 30) % 7 == 0).nonzero().T
    whole = ranked(scores.clone(), known=known, k=12)
    assert torch.equal(ranked(scores.clone(), known=known, k=12, chunk_size=chunk_size).item, whole.item)
    for user, items in enumerate(whole.item.tolist()):
        assert len(set(items)) == 12
        assert not any((user * 30 + item) % 7 == 0 for item in items)


@pytest.mark.parametrize("dim", [3, 64, 512])
@pytest.mark.parametrize("chunk_size", [1, 3, 33, 200])
def test_scores_do_not_depend_on_the_chunk(dim, chunk_size):
    """Bit by bit, in spite of a BLAS that sums in another order when rows are few."""
    data = labelled(130, 700)
    model = DotModel(data, dim)
    nothing = pairs(NONE, 130, 700)
    whole, parts = (
        rank(model, model(data), torch.arange(130), known=nothing, targets=nothing, k=700, chunk_size=size)
        for size in (130, chunk_size)
    )
    assert torch.equal(whole.best, parts.best)
    assert torch.equal(whole.item, parts.item)


@pytest.mark.parametrize(("value", "kept"), [(float("nan"), "isnan"), (float("inf"), "isposinf")])
def test_non_finite_scores_show_in_best(value, kept):
    scores = torch.arange(6.0).view(2, 3)
    scores[1, 0] = value
    best = ranked(scores, k=1).best
    assert getattr(best, kept)().tolist() == [False, True]


def test_minus_infinity_means_not_a_candidate():
    scores = torch.tensor([[-torch.inf, 2.0, -torch.inf]])
    assert ranked(scores, targets=torch.tensor([[0, 0], [0, 1]]), k=3).item.tolist() == [[1, -1, -1]]


def test_half_precision_is_ranked_in_full_precision_under_autocast():
    """In bfloat16 the two items would tie: 256 + 1 is 256 there."""
    data = labelled(1, 2)
    model = DotModel(data, 2)
    encoding = Encoding(torch.tensor([[1.0, 1.0]]).bfloat16(), torch.tensor([[256.0, 0.0], [256.0, 1.0]]).bfloat16())
    nothing = pairs(NONE, 1, 2)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        result = rank(model, encoding, torch.tensor([0]), known=nothing, targets=nothing, k=2, chunk_size=1)
    assert result.item.tolist() == [[1, 0]]
    assert result.best.tolist() == [257.0]
    assert result.best.dtype == torch.float32


def test_scores_of_the_wrong_shape_are_refused():
    data = labelled(2, 5)
    model = TableModel(data, torch.zeros(2, 4))
    nothing = pairs(NONE, 2, 5)
    with pytest.raises(ValueError, match=r"TableModel.score must give .*\(32, 5\); got \(32, 4\)"):
        rank(model, model(data), torch.arange(2), known=nothing, targets=nothing, k=1, chunk_size=8)


@pytest.mark.parametrize(("most", "rows"), [(50 * 96, 96), (50 * 96 - 1, 64), (1, 32)])
def test_where_items_are_many_fewer_users_are_scored_at_once(most, rows, monkeypatch):
    """And never fewer than the multiple that keeps the bits of a score."""
    scores = torch.rand(200, 50)
    whole = ranked(scores, k=5)
    monkeypatch.setattr(ranking, "MAX_SCORES", most)
    with Largest([scores]) as seen:
        found = ranked(scores, k=5)
    assert all(torch.equal(a, b) for a, b in zip(found[:3], whole[:3], strict=True))
    assert seen.bytes == 4 * rows * 50, seen.made_by


@given(items=st.integers(1, 700), k=st.integers(1, 12), levels=st.integers(2, 500), seed=st.integers(0, 999))
@settings(max_examples=200, deadline=None)
def test_top_k_finds_what_torch_finds(items, k, levels, seed):
    """With ties, few levels of scores, and with items that are left out."""
    generator = torch.Generator().manual_seed(seed)
    scores = torch.randint(levels, (3, items), generator=generator).float()
    scores[torch.rand(3, items, generator=generator) < 0.2] = -torch.inf
    values, item = top_k(scores, min(k, items))
    assert torch.equal(values, scores.topk(min(k, items)).values)
    assert torch.equal(scores.gather(1, item), values)
    assert all(row.unique().numel() == row.numel() for row in item)


@pytest.mark.parametrize("position", [0, 100, 1023, 1029])
@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_top_k_puts_what_is_not_finite_first(value, position):
    scores = torch.zeros(1, 1030)
    scores[0, position] = value
    values, item = top_k(scores, 4)
    assert item[0, 0] == position
    assert not values[0, 0].isfinite()
