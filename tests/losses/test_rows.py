import torch

from mmgraph.losses.rows import count_repeats


def test_anchors_that_are_there_several_times_are_counted():
    rows = count_repeats(torch.tensor([4, 2, 4]), None)
    assert (rows.anchors.tolist(), rows.times.tolist()) == ([2, 4], [1, 2])


def test_on_a_device_they_are_contrasted_as_they_are_there():
    anchors = torch.empty(3, dtype=torch.long, device="meta")
    rows = count_repeats(anchors, None)
    assert rows.anchors is anchors
    assert rows.times is None
