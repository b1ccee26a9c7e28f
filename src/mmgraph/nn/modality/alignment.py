"""The modalities of a node are brought into one space."""

from collections.abc import Iterable, Mapping

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from mmgraph.nn.common.initialization import identity_matrices
from mmgraph.nn.common.reset import Resettable


class SharedAlignment(Resettable):
    r"""A perceptron for each modality, then one layer that all of them share (NSMAR+, Eq. 9-10).

    "Neighbor Similarity and Multimodal Alignment based Product Recommendation Study", UAI 2024,
    https://openreview.net/forum?id=1jV9k56mme.

    .. math:: \mathbf x^{m*} =
        \mathbf x^m + \mathbf W_s\,\mathrm{LeakyReLU}(\mathbf W^m \mathbf x^m + \mathbf b^m) + \mathbf b_s

    The paper prints the second summand alone. Here the perceptrons correct their vectors instead of replacing them,
    unless ``residual`` is off, the shared layer starts near 0, and vectors are turned, not stretched, unless
    ``stretch``: what the convolution has found is not mixed up at the start, and scores do not grow until the model
    memorises (docs/models/nsmar-plus.md).

    Args:
        modalities: their names.
        emb_dim: size D of the vectors.
        stretch: whether vectors may change their length.
        residual: whether the vector itself is added.

    Shapes:
        ``{name: (N, D)}`` -> ``{name: (N, D)}``

    Example:
        >>> import torch
        >>> align = SharedAlignment(["image", "text"], emb_dim=4)
        >>> {name: tuple(x.shape) for name, x in align({"image": torch.ones(5, 4), "text": torch.ones(5, 4)}).items()}
        {'image': (5, 4), 'text': (5, 4)}
    """

    def __init__(
        self, modalities: Iterable[str], *, emb_dim: int, stretch: bool = False, residual: bool = True
    ) -> None:
        super().__init__()
        self.stretch = stretch
        self.residual = residual
        self.modality = nn.ModuleDict({name: nn.Linear(emb_dim, emb_dim) for name in modalities})
        self.activation = nn.LeakyReLU()
        self.shared = nn.Linear(emb_dim, emb_dim)
        self.draw_parameters()

    def draw_parameters(self) -> None:
        """Draws the shared layer by Xavier's uniform rule: near 0 where vectors are corrected, without biases."""
        nn.init.xavier_uniform_(self.shared.weight, gain=0.1 if self.residual else 1.0)
        nn.init.zeros_(self.shared.bias)

    def forward(self, x_dict: Mapping[str, Float[Tensor, "nodes dim"]]) -> dict[str, Float[Tensor, "nodes dim"]]:
        """Aligns every modality."""
        # Under autocast the products are in bf16; what is scored afterwards is not.
        aligned = {name: self.shared(self.activation(self.modality[name](x))).to(x.dtype) for name, x in x_dict.items()}
        if self.residual:
            aligned = {name: x + aligned[name] for name, x in x_dict.items()}
        return aligned if self.stretch else at_lengths_of(x_dict, aligned)


class MatrixAlignment(Resettable):
    r"""One trained alignment matrix for each modality (NSMAR, the explicit alignment that NSMAR+ replaces).

    .. math:: \mathbf x^{m*} = \mathbf W^m \mathbf x^m, \qquad \mathbf W^m = \mathbf I \text{ at the start}

    Vectors are turned, not stretched, unless ``stretch``; see :class:`SharedAlignment`.

    Args:
        modalities: their names.
        emb_dim: size D of the vectors.
        stretch: whether vectors may change their length.

    Shapes:
        ``{name: (N, D)}`` -> ``{name: (N, D)}``
    """

    def __init__(self, modalities: Iterable[str], *, emb_dim: int, stretch: bool = False) -> None:
        super().__init__()
        self.stretch = stretch
        self.modality = identity_matrices(modalities, emb_dim)

    def forward(self, x_dict: Mapping[str, Float[Tensor, "nodes dim"]]) -> dict[str, Float[Tensor, "nodes dim"]]:
        """Aligns every modality."""
        aligned = {name: self.modality[name](x).to(x.dtype) for name, x in x_dict.items()}
        return aligned if self.stretch else at_lengths_of(x_dict, aligned)


def at_lengths_of(x_dict: Mapping[str, Tensor], turned: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The directions of ``turned`` with the lengths of ``x_dict``, row by row.

    Example:
        >>> import torch
        >>> at_lengths_of({"text": torch.tensor([[0.0, 2.0]])}, {"text": torch.tensor([[6.0, 8.0]])})["text"]
        tensor([[1.2000, 1.6000]])
    """
    lengths = {name: x.norm(dim=-1, keepdim=True) for name, x in x_dict.items()}
    return {name: length * F.normalize(turned[name], dim=-1) for name, length in lengths.items()}
