from pathlib import Path

import numpy as np
import pytest

from mmgraph.datasets import MMRecFolder
from mmgraph.datasets.numbering import first_item
from mmgraph.typing import INTERACTS


def shop(folder, pairs, rows):
    """A folder with the pairs as interactions and, where given, so many rows of features; row i holds i."""
    (folder / "shop.inter").write_text("userID\titemID\n" + "".join(f"{user}\t{item}\n" for user, item in pairs))
    if rows is not None:
        np.save(folder / "text_feat.npy", 1 + np.arange(rows, dtype=np.float32)[:, None])
    return folder


FROM_0 = [(user, item) for user in range(5) for item in range(6)]
FROM_1 = [(user + 1, item + 1) for user, item in FROM_0]


@pytest.mark.parametrize("k_core", [None, 1])
def test_ids_from_1_with_a_row_an_item(tmp_path, k_core):
    dataset = MMRecFolder(shop(tmp_path, FROM_1, 6), k_core=k_core)
    item = dataset[0]["item"]
    assert (dataset[0]["user"].num_nodes, item.num_nodes) == (5, 6)
    assert item.raw_id.tolist() == [1, 2, 3, 4, 5, 6]
    assert item.x_text.flatten().tolist() == [1, 2, 3, 4, 5, 6], "row i belongs to id i + 1"
    assert dataset[0][INTERACTS].edge_index.max(dim=1).values.tolist() == [4, 5]


def test_ids_from_1_with_a_row_for_0(tmp_path):
    item = MMRecFolder(shop(tmp_path, FROM_1, 7))[0]["item"]
    assert (item.num_nodes, item.x_text.flatten().tolist()) == (7, [1, 2, 3, 4, 5, 6, 7])
    assert item.degree[0] == 0
    kept = MMRecFolder(tmp_path, k_core=1)[0]["item"]
    assert (kept.raw_id.tolist(), kept.x_text.flatten().tolist()) == ([1, 2, 3, 4, 5, 6], [2, 3, 4, 5, 6, 7])


def test_ids_from_1_without_features(tmp_path):
    data = MMRecFolder(shop(tmp_path, FROM_1, None))[0]
    assert (data["user"].raw_id.tolist(), data["item"].raw_id.tolist()) == ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6])


def test_items_that_nobody_bought_exist_and_are_counted(tmp_path):
    pairs = [(user, item) for user, item in FROM_0 if item != 3]
    dataset = MMRecFolder(shop(tmp_path, pairs, 8))
    assert dataset[0]["item"].num_nodes == 8
    assert dataset.summary["items_without_interactions"] == 3
    assert "3 items without any interaction" in dataset.describe()
    assert MMRecFolder(tmp_path)[0]["item"].x_text.size(0) == 8, "from the cache too"
    assert MMRecFolder(tmp_path, k_core=1)[0]["item"].x_text.flatten().tolist() == [1, 2, 3, 5, 6]


def test_ids_of_19_digits(tmp_path):
    pairs = [(user, 7_300_000_000_000_000_000 + item) for user, item in FROM_0]
    item = MMRecFolder(shop(tmp_path, pairs, None), k_core=1)[0]["item"]
    assert item.raw_id.tolist() == [7_300_000_000_000_000_000 + step for step in range(6)]
    with pytest.raises(ValueError, match=r"6 rows, but the item ids reach from 73.*numpy.unique"):
        MMRecFolder(shop(tmp_path, pairs, 6), k_core=1)


@pytest.mark.parametrize(("ids", "rows"), [([0, 1, 2], 2), ([1, 2, 3], 2), ([2, 3], 3), ([0, 5], 5)])
def test_too_few_rows(ids, rows):
    with pytest.raises(
        ValueError, match=f"text_feat.npy: {rows} rows, but the item ids reach from {ids[0]} to {ids[-1]}"
    ):
        first_item(np.array(ids), {"text": rows}, Path("shop"))
