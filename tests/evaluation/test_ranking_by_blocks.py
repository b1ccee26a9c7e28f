import pytest
import torch
from torch_geometric.data import HeteroData

from mmgraph.evaluation import ranking_by_blocks
from mmgraph.evaluation.pairs import PairSet
from mmgraph.evaluation.ranking import rank
from mmgraph.models import MFBPR
from mmgraph.processes.partition import DividedRows
from mmgraph.typing import Encoding

USERS, ITEMS = 12, 50
MODEL = MFBPR(HeteroData(user={"num_nodes": USERS}, item={"num_nodes": ITEMS}))  # scores by inner products


@pytest.mark.parametrize("block", [1, 7, 64])
@pytest.mark.parametrize("k", [1, 20, ITEMS])
def test_lists_are_those_of_a_ranking_of_all_items_at_once(block, k, monkeypatch):
    monkeypatch.setattr(ranking_by_blocks, "BLOCK_ITEMS", block)
    generator = torch.Generator().manual_seed(0)
    encoding = Encoding(torch.randn(USERS, 4, generator=generator), torch.randn(ITEMS, 4, generator=generator))
    pairs = torch.stack([torch.randint(n, (200,), generator=generator) for n in (USERS, ITEMS)])
    sets = {
        name: PairSet.of([part], num_users=USERS, num_items=ITEMS)
        for name, part in (("known", pairs[:, :150]), ("targets", pairs[:, 150:]))
    }
    user = torch.arange(USERS)[1:]
    settings = {"k": k, "chunk_size": 5, **sets}
    expected = rank(MODEL, encoding, user, **settings)
    counted = []
    found = ranking_by_blocks.rank_by_blocks(
        MODEL, encoding, user, DividedRows(ITEMS, 0, 1), **settings, on_ranked=counted.append
    )
    assert torch.equal(found.item, expected.item)
    assert torch.equal(found.hit, expected.hit)
    torch.testing.assert_close(found.best, expected.best)
    assert sum(counted) == user.numel()


def test_a_score_that_is_no_number_comes_through(monkeypatch):
    monkeypatch.setattr(ranking_by_blocks, "BLOCK_ITEMS", 10)
    encoding = Encoding(torch.ones(2, 1), torch.ones(ITEMS, 1))
    encoding.item[3] = torch.nan
    nothing = PairSet.of([], num_users=2, num_items=ITEMS)
    found = ranking_by_blocks.rank_by_blocks(
        MODEL,
        encoding,
        torch.arange(2),
        DividedRows(ITEMS, 0, 1),
        known=nothing,
        targets=nothing,
        k=5,
        chunk_size=2,
    )
    assert found.best.isnan().all()
