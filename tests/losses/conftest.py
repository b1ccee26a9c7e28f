import pytest
import torch
from torch import Tensor

from mmgraph.typing import Encoding, Triplets


class DotProduct:
    def score_pairs(self, encoding: Encoding, user_idx: Tensor, item_idx: Tensor) -> Tensor:
        users = encoding.user[user_idx].unsqueeze(1)
        items = encoding.item[item_idx.reshape(user_idx.size(0), -1)]
        return (users * items).sum(-1).view(item_idx.shape)


@pytest.fixture
def model() -> DotProduct:
    return DotProduct()


@pytest.fixture
def encoding() -> Encoding:
    """Five users, seven items, two modalities, one view that is not there yet."""
    generator = torch.Generator().manual_seed(0)

    def table(rows: int, dim: int = 3) -> Tensor:
        return torch.randn(rows, dim, generator=generator, requires_grad=True)

    views: dict[str, dict[str, Tensor]] = {}
    for name in ("image", "text"):
        views[f"ego.{name}"] = {"user": table(5), "item": table(7)}
        views[f"neighbors.{name}"] = {"user": table(5), "item": table(7)}
        views[f"modal.{name}"] = {"item": table(7)}
        views[f"preference.{name}"] = {"user": table(5, 4)}
    views["fused"] = {"item": table(7)}
    views["user_weight"] = {"user": table(5, 2)}
    views["later"] = {}
    return Encoding(table(5), table(7), views)


@pytest.fixture
def batch() -> Triplets:
    """Users and positives occur twice, so that counting them once makes a difference."""
    return Triplets(torch.tensor([4, 1, 4, 0]), torch.tensor([2, 2, 6, 5]), torch.tensor([0, 1, 3, 3]))
