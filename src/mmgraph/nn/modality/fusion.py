"""Several modalities of a node become one vector."""

from collections.abc import Iterable, Mapping
from functools import reduce

import torch
from jaxtyping import Float
from torch import Tensor, nn

from mmgraph.nn.common.initialization import xavier_normal
from mmgraph.nn.common.reset import Resettable


def weighted_concat(
    x_dict: Mapping[str, Float[Tensor, "nodes _"]], weight: Float[Tensor, "#nodes modalities"]
) -> Float[Tensor, "nodes total"]:
    r"""Weighs each modality and puts them side by side, :math:`[w_1 \mathbf x^1 \| w_2 \mathbf x^2 \| \dots]`.

    Args:
        x_dict: vectors by modality.
        weight: one weight per modality, in the order of ``x_dict``, for each node or (one row) for all.

    Raises:
        ValueError: if the number of weights is not the number of modalities.

    Example:
        >>> weighted_concat({"image": torch.ones(2, 1), "text": torch.ones(2, 2)}, torch.tensor([[1.0, 3.0]]))
        tensor([[1., 3., 3.],
                [1., 3., 3.]])
    """
    return torch.cat(_weigh(x_dict, weight), dim=-1)


def weighted_sum(
    x_dict: Mapping[str, Float[Tensor, "nodes dim"]], weight: Float[Tensor, "#nodes modalities"]
) -> Float[Tensor, "nodes dim"]:
    r"""Weighs each modality and adds them up, :math:`\sum_m w_m \mathbf x^m`.

    Args:
        x_dict: vectors by modality, all of one size.
        weight: one weight per modality, in the order of ``x_dict``, for each node or (one row) for all.

    Raises:
        ValueError: if the number of weights is not the number of modalities.

    Example:
        >>> weighted_sum({"image": torch.ones(2, 1), "text": torch.ones(2, 1)}, torch.tensor([[1.0, 3.0]]))
        tensor([[4.],
                [4.]])
    """
    return reduce(torch.add, _weigh(x_dict, weight))


def _weigh(x_dict: Mapping[str, Tensor], weight: Tensor) -> list[Tensor]:
    if weight.size(1) != len(x_dict):
        raise ValueError(f"weight must have a column per modality {list(x_dict)}, got {weight.size(1)} columns")
    return [x * weight[:, i : i + 1] for i, x in enumerate(x_dict.values())]


def without_column(table: nn.Parameter, place: int) -> nn.Parameter:
    """The parameter without one of its columns.

    Example:
        >>> without_column(nn.Parameter(torch.tensor([[1.0, 2.0, 3.0]])), 1).tolist()
        [[1.0, 3.0]]
    """
    columns = [column for column in range(table.size(1)) if column != place]
    return nn.Parameter(table.detach()[:, columns].clone())


def user_shares(num_users: int, num_modalities: int) -> nn.Parameter:
    """Trainable weights of each user's modalities; they start as positive numbers that sum to 1.

    Args:
        num_users: number of rows.
        num_modalities: number of columns.

    Example:
        >>> torch.allclose(user_shares(2, 3).sum(dim=1), torch.ones(2))
        True
    """
    return nn.Parameter(xavier_normal(num_users, num_modalities).detach().softmax(dim=-1))


class ModalityAttention(Resettable):
    r"""One trainable weight per modality, :math:`\alpha = \mathrm{softmax}(\mathbf a)`, equal at the start.

    Args:
        modalities: their names (or anything countable: only the number matters).

    Shapes:
        nothing -> ``(M,)``

    Example:
        >>> ModalityAttention(["image", "text"])().tolist()
        [0.5, 0.5]
    """

    def __init__(self, modalities: Iterable[str]) -> None:
        super().__init__()
        self.logit = nn.Parameter(torch.zeros(len(list(modalities))))

    def draw_parameters(self) -> None:
        """Makes the weights equal."""
        nn.init.zeros_(self.logit)

    def forward(self) -> Float[Tensor, " modalities"]:
        """The weights; they sum to 1."""
        return torch.softmax(self.logit, dim=0)


class QueryAttention(Resettable):
    r"""How much each modality matters to each node, by one query for all modalities (MICRO, MGCN's fuser).

    Yu et al., "Multi-View Graph Convolutional Network for Multimedia Recommendation" (MGCN), MM 2023,
    https://arxiv.org/abs/2308.03588.

    .. math:: \alpha_v^m = \frac{\exp(\mathbf q^\top \tanh(\mathbf W \mathbf x_v^m + \mathbf b))}
              {\sum_{m'} \exp(\mathbf q^\top \tanh(\mathbf W \mathbf x_v^{m'} + \mathbf b))}

    Args:
        emb_dim: size D of the vectors.

    Shapes:
        ``{name: (N, D)}`` -> ``(N, M)``; rows sum to 1

    Example:
        >>> QueryAttention(4)({"image": torch.ones(3, 4), "text": torch.ones(3, 4)})[0].tolist()
        [0.5, 0.5]
    """

    def __init__(self, emb_dim: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(emb_dim, emb_dim)
        self.query = nn.Linear(emb_dim, 1, bias=False)

    def forward(self, x_dict: Mapping[str, Float[Tensor, "nodes dim"]]) -> Float[Tensor, "nodes modalities"]:
        """Weights of every node's modalities, in the order of ``x_dict``."""
        logits = [self.query(torch.tanh(self.hidden(x))) for x in x_dict.values()]
        return torch.softmax(torch.cat(logits, dim=-1), dim=-1)
