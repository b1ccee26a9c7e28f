"""From a user's and an item's vector to a score, where that is more than their inner product."""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Tensor, nn

from mmgraph.nn.common.reset import Resettable

_ITEMS_AT_ONCE = 1 << 14
_TILE = 256


class PairMLP(Resettable):
    r"""A perceptron on the pair, as NSMAR+ prints it (Eq. 17; NCF, WWW 2017, https://arxiv.org/abs/1708.05031).

    .. math:: y_{ui} = \mathbf w^\top \mathrm{ReLU}(\mathbf W [\mathbf z_u \| \mathbf z_i] + \mathbf b)
              = \mathbf w^\top \mathrm{ReLU}(\mathbf W_u \mathbf z_u + (\mathbf W_i \mathbf z_i + \mathbf b))

    The first layer is split, so ranking all items costs a product per side and then 3 H operations per pair, in tiles:
    no vector per pair is ever held. A bias on the score would cancel in every ranking, so there is none.

    Args:
        emb_dim: size D of users' and items' vectors.
        hidden_dim: hidden units H.

    Shapes:
        user ``(B, D)``, item ``(B, D)`` or ``(B, n, D)`` -> ``(B,)`` or ``(B, n)``

    Example:
        >>> scorer = PairMLP(4, hidden_dim=8)
        >>> user, item = torch.ones(2, 4), torch.ones(3, 4)
        >>> scorer(user, item[:2]).shape, scorer.rank(user, item).shape
        (torch.Size([2]), torch.Size([2, 3]))
    """

    def __init__(self, emb_dim: int, *, hidden_dim: int = 64) -> None:
        super().__init__()
        self.user = nn.Linear(emb_dim, hidden_dim, bias=False)
        self.item = nn.Linear(emb_dim, hidden_dim)
        self.out = nn.Linear(hidden_dim, 1, bias=False)

    def forward(
        self, user: Float[Tensor, "batch dim"], item: Float[Tensor, "batch *n dim"]
    ) -> Float[Tensor, "batch *n"]:
        """Scores of pairs."""
        of_user = self.user(user)
        if item.dim() == 3:
            of_user = of_user.unsqueeze(1)
        return self.out(torch.relu(of_user + self.item(item))).squeeze(-1)

    @torch.no_grad()
    def rank(self, user: Float[Tensor, "users dim"], item: Float[Tensor, "items dim"]) -> Float[Tensor, "users items"]:
        """Scores of all users with all items, without gradients."""
        scores = user.new_empty(user.size(0), item.size(0))
        weight = self.out.weight.squeeze(0)
        for columns in _slices(item.size(0), _ITEMS_AT_ONCE):
            # ReLU(a + b) = max(a, -b) + b: one pass less over the pairs, since the sum over b is the item's own.
            of_item = self.item(item[columns]).T.contiguous()
            own = weight @ of_item
            of_item = of_item.neg_()
            for rows in _slices(user.size(0), _TILE):
                of_user = self.user(user[rows]).T.contiguous()
                for tile in _slices(of_item.size(1), _TILE):
                    first = columns.start + tile.start
                    total = own[tile] + _weighted_maximum(of_user, of_item[:, tile], weight.tolist())
                    scores[rows, first : first + total.size(1)] = total
        return scores


def _slices(size: int, step: int) -> Iterator[slice]:
    return (slice(start, start + step) for start in range(0, size, step))


def _weighted_maximum(of_user: Tensor, of_item: Tensor, weight: list[float]) -> Tensor:
    """Sum over hidden units of their weight times the larger of the user's and the item's value, unit by unit."""
    total = of_user.new_zeros(of_user.size(1), of_item.size(1))
    unit = torch.empty_like(total)
    for a, b, w in zip(of_user.unsqueeze(2), of_item.unsqueeze(1), weight, strict=True):
        total.add_(torch.maximum(a, b, out=unit), alpha=w)
    return total


class TwoTowers(Resettable):
    r"""A perceptron on each side; the inner product of what comes out is the score, one product for all items.

    .. math:: y_{ui} = f_u(\mathbf z_u)^\top f_i(\mathbf z_i), \qquad
              f(\mathbf z) = \mathbf z + \mathbf W_2\,\mathrm{ReLU}(\mathbf W_1 \mathbf z + \mathbf b_1) + \mathbf b_2

    Each perceptron corrects its vector instead of replacing it, so the start is no worse than the inner product.

    Args:
        emb_dim: size D of users' and items' vectors.
        hidden_dim: hidden units.

    Shapes:
        user ``(U, D)``, item ``(I, D)`` -> the same shapes

    Example:
        >>> user, item = TwoTowers(4, hidden_dim=8)(torch.ones(2, 4), torch.ones(3, 4))
        >>> (user @ item.T).shape
        torch.Size([2, 3])
    """

    def __init__(self, emb_dim: int, *, hidden_dim: int = 64) -> None:
        super().__init__()
        # A bias on what the items come out as would add the same to all of a user's scores.
        self.user = _mlp(emb_dim, hidden_dim, bias=True)
        self.item = _mlp(emb_dim, hidden_dim, bias=False)

    def forward(
        self, user: Float[Tensor, "users dim"], item: Float[Tensor, "items dim"]
    ) -> tuple[Float[Tensor, "users dim"], Float[Tensor, "items dim"]]:
        """Users and items to take inner products of."""
        # Under autocast the products are in bf16; what is scored afterwards is not.
        return user + self.user(user).to(user.dtype), item + self.item(item).to(item.dtype)


def _mlp(emb_dim: int, hidden_dim: int, *, bias: bool) -> nn.Sequential:
    return nn.Sequential(nn.Linear(emb_dim, hidden_dim), nn.ReLU(), nn.Linear(hidden_dim, emb_dim, bias=bias))
