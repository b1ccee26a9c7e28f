"""Features that are trained."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class FeatureTables(nn.ParameterDict):
    """Tables to train in the place of given features, from their values; none unless ``trainable``.

    Args:
        features: of all items, by name; a reference is kept, for :meth:`reset_parameters`.
        trainable: whether they are trained.

    Example:
        >>> tables = FeatureTables({"text": torch.zeros(2, 3)}, trainable=True)
        >>> _ = nn.init.ones_(tables["text"])
        >>> tables.reset_parameters(); tables["text"].sum().item()
        0.0
    """

    def __init__(self, features: Mapping[str, Tensor], *, trainable: bool) -> None:
        given = dict(features) if trainable else {}
        super().__init__({name: x.clone() for name, x in given.items()})
        self._given = given

    def forget_given(self) -> None:
        """Lets go of the given features, which can then not be trained anew: tables that several processes divide."""
        self._given = {}

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Gives the tables the features' values again."""
        for name, x in self._given.items():
            self[name].copy_(x)
