"""``missing="graph"``: known answers, an oracle in plain loops, and no look at held-out interactions."""

import numpy as np
import pytest

from mmgraph.datasets import MMRecFolder
from mmgraph.datasets.features import Modality
from mmgraph.datasets.imputation import impute

ITEMS = 40
BLOCK = np.arange(ITEMS) // 20
OF_BLOCK = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], dtype=np.float32)


def two_blocks():
    """Users of two kinds, each of whom chose some items of one block."""
    rng = np.random.default_rng(0)
    pairs = [(user, item) for user in range(30) for item in range(ITEMS) if BLOCK[item] == user % 2]
    kept = [pair for pair in pairs if rng.random() < 0.4]
    return np.array(kept).T


def lacking(x, *items):
    """A modality without the rows of ``items``, which hold the mean of the others as the scaling leaves them."""
    has = np.ones(len(x), dtype=np.bool_)
    has[list(items)] = False
    x = x.astype(np.float32)
    x[~has] = x[has].mean(axis=0)
    return Modality(x, has)


def test_items_chosen_together_give_an_item_the_row_of_its_block():
    text = lacking(OF_BLOCK[BLOCK], 0, 1, 39)
    impute({"text": text}, *two_blocks())
    np.testing.assert_allclose(text.x[[0, 1, 39]], OF_BLOCK[[0, 0, 1]], atol=1e-6)
    assert text.has.tolist().count(False) == 3


def test_an_item_that_nobody_chose_gets_the_row_of_items_that_look_like_it():
    user, item = two_blocks()
    bought = (item != 0) & (item != 39)
    image = Modality(np.eye(2, dtype=np.float32)[BLOCK] + 0.01, None)
    text = lacking(OF_BLOCK[BLOCK], 0, 39)
    impute({"image": image, "text": text}, user[bought], item[bought])
    np.testing.assert_allclose(text.x[[0, 39]], OF_BLOCK, atol=1e-6)


def test_an_item_without_any_neighbour_keeps_the_mean():
    user, item = two_blocks()
    text = lacking(OF_BLOCK[BLOCK], 0)
    before = text.x[0].copy()
    impute({"text": text}, user[item != 0], item[item != 0])
    np.testing.assert_array_equal(text.x[0], before)


@pytest.mark.parametrize("by_taste", [True, False])
def test_the_kind_of_neighbours_that_agrees_with_known_rows_is_asked_first(by_taste):
    """Text follows what is chosen together, or what looks alike, while the other kind is by chance."""
    user, item = two_blocks()
    looks = np.arange(ITEMS) % 2
    image = Modality(np.eye(2, dtype=np.float32)[looks], None)
    kind = BLOCK if by_taste else looks
    text = lacking(OF_BLOCK[kind], 1, 20)
    impute({"image": image, "text": text}, user, item)
    np.testing.assert_allclose(text.x[[1, 20]], OF_BLOCK[kind[[1, 20]]], atol=1e-6)


def test_weights_are_cosines_of_users():
    rng = np.random.default_rng(1)
    chosen = rng.random((12, 15)) < 0.4
    chosen[0, :2] = True
    x = rng.normal(size=(15, 4)).astype(np.float32)
    text = lacking(x, 0, 7)
    given = text.x.copy()
    impute({"text": text}, *np.nonzero(chosen))
    for i in (0, 7):
        total, weights = np.zeros(4), 0.0
        for j in range(15):
            if text.has[j]:
                weight = (chosen[:, i] & chosen[:, j]).sum() / np.sqrt(chosen[:, i].sum() * max(chosen[:, j].sum(), 1))
                total += weight * given[j]
                weights += weight
        np.testing.assert_allclose(text.x[i], total / weights, rtol=1e-5)
    np.testing.assert_array_equal(text.x[text.has], given[text.has])


@pytest.fixture
def write(tmp_path):
    """Writes a folder of two blocks whose last interactions of each user have the given labels."""

    def write(name, held_out):
        root = tmp_path / name
        root.mkdir()
        user, item = two_blocks()
        last = np.append(user[1:] != user[:-1], True)
        before = np.append(last[1:], False)
        label = np.zeros(len(user), dtype=int)
        label[last], label[before] = held_out
        lines = [f"{u}\t{i}\t{x}\n" for u, i, x in zip(user, item, label, strict=True)]
        (root / "toy.inter").write_text("userID\titemID\tx_label\n" + "".join(lines))
        x = OF_BLOCK[BLOCK] + np.random.default_rng(2).normal(size=(ITEMS, 3))
        np.save(root / "text_feat.npy", x)
        np.save(root / "text_mask.npy", np.arange(ITEMS) % 5 != 0)
        return root

    return write


def test_labels_of_validation_and_test_change_nothing(write, tmp_path):
    """The held-out interactions trade places, or go elsewhere: the features are the same to the bit."""
    one = MMRecFolder(write("one", (1, 2)), missing="graph")[0]
    other_root = write("other", (2, 1))
    lines = (other_root / "toy.inter").read_text().splitlines()
    user, item, label = np.array([line.split("\t") for line in lines[1:]], dtype=int).T
    taken = set(zip(user.tolist(), item.tolist(), strict=True))
    free = {u: [i for i in range(ITEMS) if (u, i) not in taken and BLOCK[i] != u % 2] for u in set(user.tolist())}
    rows = [(u, i if x == 0 else free[u].pop(), x) for u, i, x in zip(user, item, label, strict=True)]
    (other_root / "toy.inter").write_text("\n".join([lines[0], *("\t".join(map(str, row)) for row in rows)]) + "\n")
    other = MMRecFolder(other_root, missing="graph")[0]
    edges = "user", "interacts", "item"
    assert one[edges].edge_index.equal(other[edges].edge_index)
    assert not one[edges].test_edge_label_index.equal(other[edges].test_edge_label_index)
    assert one["item"].x_text.equal(other["item"].x_text)


def test_the_rows_are_marked_as_missing_and_the_others_stay(write):
    root = write("toy", (1, 2))
    mean = MMRecFolder(root, missing="mean", features="l2")[0]["item"]
    graph = MMRecFolder(root, missing="graph", features="l2")[0]["item"]
    assert graph.has_text.equal(mean.has_text)
    assert graph.x_text[graph.has_text].equal(mean.x_text[mean.has_text])
    assert (graph.x_text != mean.x_text).any(1).equal(~graph.has_text)
    assert graph.x_text.isfinite().all()


def test_with_a_k_core_items_are_those_that_are_left(write):
    root = write("toy", (1, 2))
    data = MMRecFolder(root, missing="graph", k_core=3)[0]["item"]
    assert data.x_text.size(0) == data.num_nodes
    assert data.x_text.isfinite().all()
