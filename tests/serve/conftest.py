"""A shop, a run on it, and runs without a model that are made in a moment."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from mmgraph.extension import Histories
from mmgraph.models.scoring import InnerProduct
from mmgraph.serve.ids import IdLookup
from mmgraph.serve.items import ItemTable
from mmgraph.serve.rankers import VectorRanker
from mmgraph.serve.served import ServedRun
from mmgraph.typing import Encoding
from tests.serve.shop import shop_folder, trained


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    """``root`` with the shop's files, ``folder`` to train on, ``run`` on it."""
    root = tmp_path_factory.mktemp("shop")
    folder = shop_folder(root, customers=80, products=60, orders=8)
    return SimpleNamespace(root=root, folder=folder, images=root / "images", run=trained(folder, root / "run"))


def served_run(name="tiny", *, num_users=40, num_items=300, dim=8, seed=0, columns=None, **changes):
    """What is served of a run that never was."""
    rng = np.random.default_rng(seed)
    users, items = (rng.standard_normal((count, dim), dtype=np.float32) for count in (num_users, num_items))
    counts = rng.integers(1, 6, size=num_users)
    history = [np.sort(rng.choice(num_items, count, replace=False)) for count in counts]
    pairs = np.stack([np.repeat(np.arange(num_users), counts), np.concatenate(history)])
    encoding = Encoding(torch.from_numpy(users), torch.from_numpy(items))
    histories = Histories(InnerProduct(), encoding, torch.from_numpy(pairs))
    parts = {
        "name": name,
        "about": {},
        "users": IdLookup("user", [f"u{row}" for row in range(num_users)]),
        "items": ItemTable([f"i{row}" for row in range(num_items)], columns or {}),
        "indptr": np.concatenate([[0], counts.cumsum()]),
        "indices": np.concatenate(history),
        "ranker": VectorRanker(users, items, histories),
        "vectors": items,
        "features": {},
    }
    return ServedRun(**parts | changes)
