import numpy as np

from mmgraph.datasets.interactions import Interactions


def test_take_keeps_columns_together_and_sizes():
    table = Interactions(
        np.array([0, 0, 2]),
        np.array([1, 3, 0]),
        num_users=3,
        num_items=4,
        rating=np.array([1.0, 2.0, 3.0]),
        raw_user=np.array([10, 20, 30]),
    )
    for rows in (np.array([True, False, True]), np.array([0, 2])):
        part = table.take(rows)
        assert (part.user.tolist(), part.item.tolist(), part.rating.tolist()) == ([0, 2], [1, 0], [1.0, 3.0])
        assert (part.num_users, part.num_items, len(part)) == (3, 4, 2)
        assert part.timestamp is None
        assert part.raw_user.tolist() == [10, 20, 30]
