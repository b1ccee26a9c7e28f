import inspect
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from mmgraph.evaluation import Evaluator
from mmgraph.evaluation.exposure import EXPOSURE
from mmgraph.evaluation.metrics import METRICS
from mmgraph.typing import INTERACTS
from tests.evaluation.conftest import DotModel, TableModel, labelled, random_labelled

STRICT = {"val": ["train"], "test": ["train", "val"]}


@pytest.fixture
def data():
    return random_labelled(40, 60, seed=1)


def by_hand(data, scores, split, known, k):
    """Recall and NDCG of each user in plain Python."""
    store = data[INTERACTS]
    of = {"train": "edge_index", "val": "val_edge_label_index", "test": "test_edge_label_index"}
    pairs = {name: set(map(tuple, store[key].T.tolist())) for name, key in of.items()}
    masked = set().union(*(pairs[name] for name in known))
    users = sorted({u for u, _ in pairs[split]})
    recall, ndcg = [], []
    for user in users:
        candidates = [item for item in range(scores.size(1)) if (user, item) not in masked]
        top = sorted(candidates, key=lambda item: -scores[user, item])[:k]
        relevant = [item for u, item in pairs[split] if u == user]
        gain = sum(1 / math.log2(rank + 2) for rank, item in enumerate(top) if item in relevant)
        recall.append(sum(item in relevant for item in top) / len(relevant))
        ndcg.append(gain / sum(1 / math.log2(rank + 2) for rank in range(min(k, len(relevant)))))
    return users, recall, ndcg


@given(
    num_users=st.integers(2, 30), num_items=st.integers(3, 20), seed=st.integers(0, 10**6), k=st.integers(1, 3),
    split=st.sampled_from(["val", "test"]), strict=st.booleans(),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_equals_plain_python(num_users, num_items, seed, k, split, strict):
    data = random_labelled(num_users, num_items, seed)
    generator = torch.Generator().manual_seed(seed)
    scores = torch.rand(num_users, num_items, generator=generator)
    mask = STRICT if strict else {"val": ["train"], "test": ["train"]}
    evaluator = Evaluator(data, mask=mask, metrics=["recall", "ndcg"], ks=[k])
    evaluation = evaluator(TableModel(data, scores.clone()), data, split)
    users, recall, ndcg = by_hand(data, scores, split, mask[split], k)
    assert evaluation.user.tolist() == users
    assert evaluation.per_user[f"recall@{k}"].tolist() == pytest.approx(recall, abs=1e-14)
    assert evaluation.per_user[f"ndcg@{k}"].tolist() == pytest.approx(ndcg, abs=1e-14)
    assert evaluation.metrics[f"ndcg@{k}"] == pytest.approx(sum(ndcg) / len(ndcg), abs=1e-14)


def test_mmrec_and_strict_differ_by_the_validation_items():
    """User 0's best item is a validation one: it takes the first place at test under MMRec's protocol only."""
    data = labelled(2, 4, train=[(0, 0), (1, 1)], val=[(0, 1)], test=[(0, 2), (1, 3)])
    scores = torch.tensor([[9.0, 8.0, 7.0, 0.0], [0.0, 9.0, 0.0, 8.0]])
    recall = {}
    for name, mask in {"mmrec": {"test": ["train"]}, "strict": {"test": ["train", "val"]}}.items():
        evaluator = Evaluator(data, mask=mask, metrics=["recall"], ks=[1])
        recall[name] = evaluator(TableModel(data, scores.clone()), data, "test").per_user["recall@1"].tolist()
    assert recall == {"mmrec": [0.0, 1.0], "strict": [1.0, 1.0]}


@pytest.mark.parametrize("chunk_size", [1, 7, 32, 100])
def test_chunk_size_changes_nothing(data, chunk_size):
    names = [*METRICS, "coverage", "average_popularity", *EXPOSURE]
    model = DotModel(data, 16)
    whole, chunked = (
        Evaluator(data, metrics=names, ks=[1, 5, 20], chunk_size=size)(model, data, "test")
        for size in (256, chunk_size)
    )
    assert whole.metrics == chunked.metrics  # equal, not close
    assert list(whole.per_user) == list(chunked.per_user)
    assert all(torch.equal(value, chunked.per_user[name]) for name, value in whole.per_user.items())
    assert torch.equal(whole.user, chunked.user)


def test_metrics_have_every_name_and_are_means_in_float64(data):
    evaluation = Evaluator(data, ks=[20, 5])(DotModel(data, 4), data, "val")
    names = [*METRICS, "coverage", "average_popularity"]
    assert set(evaluation.metrics) == {f"{name}@{k}" for name in names for k in (5, 20)}
    for name, values in evaluation.per_user.items():
        assert values.dtype == torch.float64
        assert values.shape == evaluation.user.shape
        assert evaluation.metrics[name] == pytest.approx(math.fsum(values.tolist()) / len(values), rel=1e-15)


def test_only_users_with_targets_are_ranked():
    data = labelled(5, 3, train=[(0, 0)], val=[(4, 1), (2, 2), (2, 1)], test=[(0, 1)])
    assert Evaluator(data, ks=[1])(DotModel(data, 2), data, "val").user.tolist() == [2, 4]


def test_user_without_candidates_scores_zero():
    data = labelled(2, 2, train=[(0, 0), (0, 1), (1, 0)], val=[(0, 1), (1, 1)], test=[(1, 1)])
    evaluation = Evaluator(data, metrics=[*METRICS, "average_popularity", "coverage"], ks=[2])(
        TableModel(data, torch.ones(2, 2)), data, "val"
    )
    assert evaluation.per_user["recall@2"].tolist() == [0.0, 1.0]
    assert evaluation.metrics["coverage@2"] == 0.5  # item 1, in the list of user 1; user 0 has no list
    assert evaluation.metrics["average_popularity@2"] == 1.0


def test_model_runs_once_in_evaluation_mode_on_the_graph_given(data):
    model = TableModel(data, torch.rand(40, 60))
    model.train()
    model.layer.eval()  # a part frozen on purpose
    graph = labelled(40, 60)
    Evaluator(data, ks=[5], chunk_size=8)(model, graph, "val")
    ((seen, training, grad, inference),) = model.calls
    assert seen is graph
    assert not training
    assert not grad
    assert not inference  # its tensors could not be used by autograd later
    assert model.training
    assert not model.layer.training


def test_modes_are_restored_after_an_error(data):
    model = TableModel(data, torch.full((40, 60), torch.nan)).train()
    with pytest.raises(FloatingPointError):
        Evaluator(data, ks=[5])(model, data, "val")
    assert model.training
    assert model.layer.training


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_non_finite_scores_name_split_and_user(value):
    data = labelled(3, 3, train=[(0, 0)], val=[(1, 1), (2, 2)], test=[(0, 1)])
    scores = torch.rand(3, 3)
    scores[2, 0] = value
    with pytest.raises(FloatingPointError, match=r"'val' met NaN or \+inf for 1 of 2 users \(the first in row 2:"):
        Evaluator(data, ks=[1])(TableModel(data, scores), data, "val")


def test_a_sample_ranks_some_users_always_the_same_as_the_whole_does(data):
    model = DotModel(data, 16)
    evaluator = Evaluator(data, ks=[5], sample_users=7, seed=3)
    whole = evaluator(model, data, "val")
    sampled = evaluator(model, data, "val", sampled=True)
    assert sampled.user.tolist() == sorted(set(sampled.user.tolist())), "ascending, each once"
    assert sampled.user.numel() == evaluator.num_users("val", sampled=True) == 7
    place = torch.searchsorted(whole.user, sampled.user)
    assert torch.equal(whole.user[place], sampled.user)
    for name, values in sampled.per_user.items():
        assert torch.equal(values, whole.per_user[name][place]), name
    assert torch.equal(evaluator(model, data, "val", sampled=True).user, sampled.user)
    others = [Evaluator(data, ks=[5], sample_users=7, seed=seed)(model, data, "val", sampled=True) for seed in (3, 4)]
    assert [torch.equal(other.user, sampled.user) for other in others] == [True, False]


@pytest.mark.parametrize("size", [None, 1000])
def test_a_sample_of_all_users_is_none(data, size):
    evaluator = Evaluator(data, ks=[5], sample_users=size)
    assert not evaluator.is_sampled("val")
    model = DotModel(data, 4)
    assert evaluator(model, data, "val", sampled=True).metrics == evaluator(model, data, "val").metrics


def test_users_are_counted_while_they_are_ranked(data):
    evaluator = Evaluator(data, metrics=["recall"], ks=[1], chunk_size=2)
    counts = []
    evaluator(DotModel(data, 4), data, "val", on_ranked=counts.append)
    assert len(counts) > 1
    assert max(counts) <= 2
    assert sum(counts) == evaluator.num_users("val")


def test_labels_live_in_the_evaluator_only(data):
    """Once built it needs no data; and the model never gets a graph but the one of the call."""
    model = DotModel(data, 4)
    evaluator = Evaluator(data, ks=[5])
    before = evaluator(model, data, "test").metrics
    for key in ("val_edge_label_index", "test_edge_label_index"):
        del data[INTERACTS][key]
    assert evaluator(model, data, "test").metrics == before
    assert list(inspect.signature(evaluator.__call__).parameters) == [
        *("model", "graph", "split", "sampled", "on_ranked")
    ]


def test_hydra_containers_are_accepted(data):
    cfg = OmegaConf.create({"mask": {"val": ["train"]}, "metrics": ["recall"], "ks": [5]})
    evaluator = Evaluator(data, mask=cfg.mask, metrics=cfg.metrics, ks=cfg.ks)
    assert list(evaluator(DotModel(data, 2), data, "val").metrics) == ["recall@5"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"metrics": ["recal"]}, r"metrics must name some of \['recall', .*; got \['recal'\]"),
        ({"metrics": []}, "metrics must name some of"),
        ({"metrics": ["diversity"]}, r"data\['item'\].category .* is absent"),
        ({"ks": [0, 5]}, r"ks must be whole numbers from 1 to the number of items, 60; got \[0\]"),
        ({"ks": [5, 61]}, r"number of items, 60; got \[61\]"),
        ({"ks": []}, "ks must be"),
        ({"chunk_size": 0}, "chunk_size must be a positive number of users; got 0"),
        ({"sample_users": 0}, "sample_users must be a positive number of users, or null for all; got 0"),
        ({"mask": {"valid": ["train"]}}, r"mask must name some of \['train', 'val', 'test'\]; got \['valid'\]"),
        ({"mask": {}}, "mask must name some of"),
        ({"mask": {"val": ["trian"]}}, r"mask\['val'\] must name some of .*; got \['trian'\]"),
        ({"mask": {"val": ["train", "val"]}}, r"mask\['val'\] must not contain 'val'"),
    ],
)
def test_wrong_arguments_are_refused_at_construction(data, arguments, message):
    with pytest.raises(ValueError, match=message):
        Evaluator(data, **{"ks": [5]} | arguments)


def test_an_empty_or_missing_split_is_refused_at_construction(data):
    with pytest.raises(ValueError, match="split 'val' has no interactions"):
        Evaluator(labelled(3, 3, train=[(0, 0)], test=[(0, 1)]), ks=[1])
    del data[INTERACTS].test_edge_label_index
    with pytest.raises(ValueError, match=r"\['test'\] \(no test_edge_label_index"):
        Evaluator(data, ks=[1])


def test_a_split_that_is_not_ranked_is_refused(data):
    with pytest.raises(ValueError, match=r"split must be one that mask names, \['val'\]; got 'test'"):
        Evaluator(data, mask={"val": ["train"]}, ks=[5])(DotModel(data, 2), data, "test")


def test_users_absent_from_train_are_kept_or_dropped():
    data = labelled(3, 4, train=[(0, 0), (2, 1)], val=[(0, 1), (1, 2), (2, 3)], test=[(0, 2), (1, 3)])
    scores = torch.tensor([[0.0, 3, 2, 1], [0, 1, 3, 2], [3, 0, 2, 1]])
    found = {}
    for choice in ("keep", "drop"):
        evaluator = Evaluator(data, metrics=["recall", "coverage"], ks=[1], cold_users=choice)
        found[choice] = evaluator(TableModel(data, scores), data, "val")
    assert found["keep"].user.tolist() == [0, 1, 2]
    assert found["drop"].user.tolist() == [0, 2]
    assert found["keep"].metrics == pytest.approx({"recall@1": 2 / 3, "coverage@1": 3 / 4})
    assert found["drop"].metrics == pytest.approx({"recall@1": 1 / 2, "coverage@1": 2 / 4})


def test_cold_users_are_kept_or_dropped_and_never_all():
    data = labelled(2, 3, train=[(0, 0)], val=[(1, 1)], test=[(0, 1)])
    with pytest.raises(ValueError, match=r"split 'val' has no interactions to rank \(cold_users=drop\)"):
        Evaluator(data, ks=[1], cold_users="drop")
    with pytest.raises(ValueError, match=r"cold_users='skip': must be one of \['keep', 'drop'\]"):
        Evaluator(data, ks=[1], cold_users="skip")
