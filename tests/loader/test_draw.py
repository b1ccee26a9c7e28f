from itertools import combinations

import torch

from mmgraph.loader.draw import draw_places


def test_every_set_of_entries_is_drawn_equally_often():
    """A row of 5 entries has 10 sets of 3; chi squared with 9 degrees of freedom exceeds 33.7 once in 10,000 times."""
    times = 20_000
    torch.manual_seed(0)
    row, place = draw_places(torch.full((times,), 7), torch.full((times,), 5), 3)
    assert torch.equal(row, torch.arange(times).repeat_interleave(3))
    drawn = (1 << (place - 7).view(times, 3).sort(1).values).sum(1)
    sets = [sum(1 << i for i in chosen) for chosen in combinations(range(5), 3)]
    counts = torch.tensor([int((drawn == code).sum()) for code in sets])
    assert int(counts.sum()) == times, "no entry twice"
    assert float(((counts - times / 10) ** 2 / (times / 10)).sum()) < 33.7


def test_rows_that_have_no_more_than_is_drawn_come_whole():
    row, place = draw_places(torch.tensor([0, 2, 2, 9]), torch.tensor([2, 0, 3, 1]), 3)
    assert sorted(zip(row.tolist(), place.tolist(), strict=True)) == [(0, 0), (0, 1), (2, 2), (2, 3), (2, 4), (3, 9)]
