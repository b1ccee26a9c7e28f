"""From raw features of any modality to vectors of the model's size."""

from collections.abc import Mapping
from functools import partial

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from mmgraph.nn.common.reset import Resettable
from mmgraph.nn.common.row_blocks import by_row_blocks
from mmgraph.nn.modality.streamed_linear import FeatureLinear
from mmgraph.typing import RowwiseView


class ModalityProjection(Resettable):
    r"""One projection per modality: a linear map, or a two-layer perceptron where ``hidden_dim`` is given.

    .. math:: \mathbf z^m = \mathbf W^m \mathbf x^m + \mathbf b^m \quad\text{or}\quad \mathbf z^m =
              \mathbf W_2^m\,\mathrm{LeakyReLU}(\mathbf W_1^m \mathbf x^m + \mathbf b_1^m) + \mathbf b_2^m

    Args:
        feat_dims: size d_m of each modality's features, by name.
        emb_dim: size D of what comes out.
        hidden_dim: size of the hidden layer; none by default.
        bias: whether the maps add one.
        normalize: whether each item's features are brought to length 1 first.

    Shapes:
        ``{name: (I, d_name)}`` -> ``{name: (I, D)}``

    Raises:
        ValueError: if there is no modality to project.

    Example:
        >>> import torch
        >>> project = ModalityProjection({"image": 8, "text": 3}, emb_dim=4)
        >>> {name: tuple(z.shape) for name, z in project({"image": torch.ones(5, 8), "text": torch.ones(5, 3)}).items()}
        {'image': (5, 4), 'text': (5, 4)}
    """

    def __init__(
        self,
        feat_dims: Mapping[str, int],
        *,
        emb_dim: int,
        hidden_dim: int | None = None,
        bias: bool = True,
        normalize: bool = False,
    ) -> None:
        super().__init__()
        if not feat_dims:
            raise ValueError("feat_dims is empty: a multimodal model needs items with at least one modality (x_<name>)")
        self.normalize = normalize
        self.modality = nn.ModuleDict({name: _block(dim, emb_dim, hidden_dim, bias) for name, dim in feat_dims.items()})

    def forward(self, x_dict: Mapping[str, Float[Tensor, "items _"]]) -> dict[str, Float[Tensor, "items dim"]]:
        """Projects every modality; without gradients in memory that beyond the result does not grow with the items.

        Raises:
            KeyError: if a modality is missing that the block was built for.
        """
        return {name: view["item"] for name, view in self.views(x_dict).items()}

    def views(self, x_dict: Mapping[str, Float[Tensor, "items _"]]) -> dict[str, RowwiseView]:
        """The items' projections by modality, of which those are made that are read.

        Raises:
            KeyError: if a modality is missing that the block was built for.
        """
        missing = sorted(set(self.modality) - set(x_dict))
        if missing:
            raise KeyError(
                f"x_dict lacks the modalities {missing} that this model was built with; it has {sorted(x_dict)}"
            )
        return {name: RowwiseView(partial(self._by_blocks, name), {"item": x_dict[name]}) for name in self.modality}

    def _by_blocks(self, name: str, x: Tensor) -> Tensor:
        return by_row_blocks(partial(self._project, name), x)

    def _project(self, name: str, x: Tensor) -> Tensor:
        # Under autocast a product is in bf16; what is propagated, normalised or scored afterwards is not.
        block = self.modality[name]
        return block(F.normalize(x, dim=-1) if self.normalize else x).to(next(block.parameters()).dtype)


def _block(feat_dim: int, emb_dim: int, hidden_dim: int | None, bias: bool) -> nn.Module:
    if hidden_dim is None:
        return FeatureLinear(feat_dim, emb_dim, bias=bias)
    return nn.Sequential(
        FeatureLinear(feat_dim, hidden_dim, bias=bias), nn.LeakyReLU(), nn.Linear(hidden_dim, emb_dim, bias=bias)
    )


def feature_dims(features: Mapping[str, Tensor]) -> dict[str, int]:
    """Sizes of the features, by modality.

    >>> import torch
    >>> feature_dims({"text": torch.zeros(2, 3)})
    {'text': 3}
    """
    return {name: x.size(1) for name, x in features.items()}
