"""The modalities of each node attend to each other."""

import math
from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor, nn

from mmgraph.nn.common.initialization import xavier_matrices_
from mmgraph.nn.common.reset import Resettable


class ModalitySelfAttention(Resettable):
    r"""Mean over modalities of multi-head self-attention among the modalities of each node.

    Wei et al., "Multi-Modal Self-Supervised Learning for Recommendation" (MMSSL), WWW 2023,
    https://arxiv.org/abs/2302.10632.

    .. math:: \alpha_h^{m m'} = \operatorname{softmax}_{m'}
              \frac{(\mathbf x^m \mathbf W^Q_h)^\top (\mathbf x^{m'} \mathbf W^K_h)}{\sqrt{D / H}}, \qquad
              \mathbf z = \frac 1M \sum_m \big\|_h \Big(\sum_{m'} \alpha_h^{m m'} \mathbf x^{m'}\Big) \mathbf W

    Args:
        emb_dim: size D of the vectors, a multiple of ``num_heads``.
        num_heads: H.

    Shapes:
        ``{name: (N, D)}`` -> ``(N, D)``

    Raises:
        ValueError: if ``emb_dim`` is no multiple of ``num_heads``.

    Example:
        >>> ModalitySelfAttention(4, 2)({"image": torch.ones(3, 4), "text": torch.ones(3, 4)}).shape
        torch.Size([3, 4])
    """

    def __init__(self, emb_dim: int, num_heads: int) -> None:
        super().__init__()
        if num_heads < 1 or emb_dim % num_heads:
            raise ValueError(f"emb_dim={emb_dim} must be a multiple of num_heads={num_heads}")
        self.num_heads = num_heads
        self.query = nn.Linear(emb_dim, emb_dim, bias=False)
        self.key = nn.Linear(emb_dim, emb_dim, bias=False)
        self.out = nn.Linear(num_heads * emb_dim, emb_dim, bias=False)
        self.draw_parameters()

    def draw_parameters(self) -> None:
        """Draws the matrices by Xavier's uniform rule."""
        xavier_matrices_(self)

    def forward(self, x_dict: Mapping[str, Float[Tensor, "nodes dim"]]) -> Float[Tensor, "nodes dim"]:
        """One vector for each node."""
        x = torch.stack(list(x_dict.values()), dim=1)
        query, key = (self._heads(linear(x)) for linear in (self.query, self.key))
        logits = query @ key.transpose(-1, -2) / math.sqrt(query.size(-1))
        # The mean over asking modalities is taken of the weights: what they weigh does not depend on who asks.
        heads = torch.softmax(logits, dim=-1).mean(-2) @ x
        return self.out(heads.flatten(1)).to(x.dtype)

    def _heads(self, x: Tensor) -> Tensor:
        nodes, modalities, _ = x.shape
        return x.view(nodes, modalities, self.num_heads, -1).transpose(1, 2)
