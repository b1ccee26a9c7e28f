import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mmgraph.datasets.interactions import TEST, TRAIN, VAL, Interactions
from mmgraph.datasets.split import held_out_counts, split_labels

degrees = hnp.arrays(np.int64, st.integers(1, 12), elements=st.integers(0, 40)).map(lambda d: np.append(d, 12))


def table_of(degree, timestamp=None, x_label=None) -> Interactions:
    user = np.repeat(np.arange(len(degree)), degree)
    item = np.concatenate([np.arange(d) for d in degree])
    return Interactions(user, item, len(degree), int(max(degree)), timestamp=timestamp, x_label=x_label)


def counts(table, labels):
    return [np.bincount(table.user[labels == part], minlength=table.num_users) for part in (TRAIN, VAL, TEST)]


def test_rule_of_mmrec():
    for n in range(3, 2000):
        val, test = held_out_counts(np.array([n]))
        held_out = int(0.2 * n)  # as written in the notebook, floating point included
        assert (val[0], test[0]) == ((1, 1) if n < 10 else (held_out // 2, held_out - held_out // 2))
    assert [c.tolist() for c in held_out_counts(np.array([0, 1, 2]))] == [[0, 0, 0], [0, 0, 0]]


@given(degrees, st.integers(0, 5))
def test_per_user_random(degree, seed):
    table = table_of(degree)
    labels = split_labels(table, split="per_user_random", seed=seed)
    train, val, test = counts(table, labels)
    expected_val, expected_test = held_out_counts(degree)
    np.testing.assert_array_equal(val, expected_val)
    np.testing.assert_array_equal(test, expected_test)
    np.testing.assert_array_equal(train, degree - val - test)
    np.testing.assert_array_equal(labels, split_labels(table, seed=seed))


def test_another_seed_is_another_split_and_every_interaction_is_as_likely():
    table = table_of(np.full(2000, 5))
    labels = np.stack([split_labels(table, seed=seed) for seed in range(2)])
    assert (labels[0] != labels[1]).mean() > 0.3
    by_place = (labels[0].reshape(2000, 5) == TEST).mean(axis=0)
    np.testing.assert_allclose(by_place, 0.2, atol=0.04)


@given(degrees, st.data())
def test_per_user_time(degree, data):
    time = data.draw(hnp.arrays(np.float64, int(degree.sum()), elements=st.integers(0, 20).map(float)))
    table = table_of(degree, timestamp=time)
    labels = split_labels(table, split="per_user_time", seed=3)
    for part, expected in zip(counts(table, labels)[1:], held_out_counts(degree), strict=True):
        np.testing.assert_array_equal(part, expected)
    for user in range(len(degree)):
        train, val, test = (time[(table.user == user) & (labels == part)] for part in (TRAIN, VAL, TEST))
        if len(test):
            assert max(train) <= min(val)
            assert max(val) <= min(test)


@given(hnp.arrays(np.float64, 50, elements=st.integers(0, 10**6).map(float), unique=True))
def test_global_time_takes_quantiles(time):
    labels = split_labels(table_of(np.array([20, 30]), timestamp=time), split="global_time")
    assert np.bincount(labels).tolist() == [40, 5, 5]
    assert time[labels == TRAIN].max() < time[labels == VAL].min()
    assert time[labels == VAL].max() < time[labels == TEST].min()


def test_global_time_keeps_equal_times_together():
    time = np.repeat(np.arange(10.0), 10)
    labels = split_labels(table_of(np.array([100]), timestamp=time), split="global_time")
    assert [set(labels[time == t].tolist()) for t in range(10)] == [{TRAIN}] * 8 + [{VAL}, {TEST}]


def test_auto_prefers_the_label_of_the_file():
    degree, label = np.array([3, 3]), np.array([2, 1, 0, 0, 0, 0])
    table = table_of(degree, x_label=label)
    np.testing.assert_array_equal(split_labels(table), label)
    np.testing.assert_array_equal(split_labels(table, split="x_label"), label)
    assert np.bincount(split_labels(table, split="per_user_random")).tolist() == [2, 2, 2]


@pytest.mark.parametrize("split", ["per_user_time", "global_time", "x_label"])
def test_a_missing_column_is_an_error(split):
    with pytest.raises(ValueError, match=f"split='{split}': the file has no (timestamp|x_label) column"):
        split_labels(table_of(np.array([5])), split=split)


def test_unknown_and_empty_splits_are_errors():
    with pytest.raises(ValueError, match=r"split='lottery': must be one of \['auto'"):
        split_labels(table_of(np.array([5])), split="lottery")
    with pytest.raises(ValueError, match="the validation part is empty"):
        split_labels(table_of(np.array([2, 2])))
    with pytest.raises(ValueError, match="the test part is empty"):
        split_labels(table_of(np.array([2]), x_label=np.array([0, 1])))
    with pytest.raises(ValueError, match="the validation part is empty"):
        split_labels(table_of(np.array([9]), timestamp=np.zeros(9)), split="global_time")


@pytest.mark.parametrize(("ratios", "sizes"), [(None, [80, 10, 10]), ([0.5, 0.2, 0.3], [50, 20, 30])])
def test_random_takes_shares_of_all_interactions(ratios, sizes):
    table = table_of(np.array([40, 60]))
    labels = split_labels(table, split="random", ratios=ratios, seed=4)
    assert np.bincount(labels).tolist() == sizes
    np.testing.assert_array_equal(labels, split_labels(table, split="random", ratios=ratios, seed=4))
    assert (labels != split_labels(table, split="random", ratios=ratios, seed=5)).any()


def test_global_time_takes_other_shares():
    labels = split_labels(
        table_of(np.array([10]), timestamp=np.arange(10.0)), split="global_time", ratios=[0.5, 0.3, 0.2]
    )
    assert labels.tolist() == [0] * 5 + [1] * 3 + [2] * 2


@pytest.mark.parametrize("ratios", [[0.8, 0.2], [0.8, 0.1, 0.2], [1.0, 0.0, 0.0], [1.2, -0.1, -0.1]])
def test_ratios_are_three_shares(ratios):
    with pytest.raises(ValueError, match=r"ratios=.*must be three positive shares"):
        split_labels(table_of(np.array([50])), split="random", ratios=ratios)


def test_ratios_of_a_split_without_any():
    with pytest.raises(ValueError, match="split='per_user_random' takes none"):
        split_labels(table_of(np.array([50])), split="per_user_random", ratios=[0.8, 0.1, 0.1])


def test_validation_is_drawn_from_train():
    degree = np.array([1, 2, 3, 9, 20])
    table = table_of(degree, x_label=np.concatenate([[0], [0, 2], [0, 0, 2], [2] + [0] * 8, [2] * 4 + [0] * 16]))
    with pytest.raises(
        ValueError, match=r"validation part is empty.*split=x_label_draw_validation draws it from train"
    ):
        split_labels(table)
    labels = split_labels(table, split="x_label_draw_validation", seed=1)
    np.testing.assert_array_equal(labels == TEST, table.x_label == TEST)
    train, val, _ = counts(table, labels)
    assert (train.tolist(), val.tolist()) == ([1, 1, 1, 7, 14], [0, 0, 1, 1, 2])
    assert (labels != split_labels(table, split="x_label_draw_validation", seed=2)).any()


def test_validation_is_not_drawn_twice():
    with pytest.raises(ValueError, match="has validation rows"):
        split_labels(table_of(np.array([3]), x_label=np.array([0, 1, 2])), split="x_label_draw_validation")
