"""From an encoding to scores: all of a model that ranking needs once the graph is encoded."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from jaxtyping import Float, Int
from torch import Tensor

from mmgraph.nn import PairMLP, product_rows
from mmgraph.typing import Encoding


class Scorer(ABC):
    """Scores by an encoding, without the model that made it: what a run keeps to recommend where its data are not.

    Besides the encoding's final vectors it reads the views that it names, and what it is made of, a few tensors.
    """

    kind: ClassVar[str]
    """What files call it."""
    views: tuple[str, ...] = ()
    """The views of the encoding that it reads."""

    @abstractmethod
    def score(self, encoding: Encoding, user_idx: Int[Tensor, " batch"]) -> Float[Tensor, "batch items"]:
        """Scores of every item for each user of ``user_idx``, a tensor of its own."""

    def state(self) -> dict[str, Tensor]:
        """What it is made of, by name; nothing unless it has settings or weights."""
        return {}

    @classmethod
    def of(cls, state: Mapping[str, Tensor]) -> "Scorer":
        """The one that is made of what :meth:`state` gave.

        Raises:
            KeyError: if something is missing.
        """
        return cls()


class InnerProduct(Scorer):
    """The inner product of the final vectors.

    Example:
        >>> import torch
        >>> InnerProduct().score(Encoding(torch.ones(1, 2), torch.eye(2)), torch.tensor([0]))
        tensor([[1., 1.]])
    """

    kind = "product"

    def score(self, encoding: Encoding, user_idx: Int[Tensor, " batch"]) -> Float[Tensor, "batch items"]:
        """One product for all items."""
        return encoding.user.index_select(0, user_idx) @ encoding.item.T


class ItemWeights(Scorer):
    """Sums of weights between items: the encoding are sparse interactions and item-item weights."""

    kind = "item_weights"

    def score(self, encoding: Encoding, user_idx: Int[Tensor, " batch"]) -> Float[Tensor, "batch items"]:
        """Sum of the weights between each item and the user's items."""
        return product_rows(encoding.user, encoding.item, user_idx)


class PairScores(Scorer):
    """A perceptron on the pair.

    Args:
        pair: the perceptron.
    """

    kind = "pair"

    def __init__(self, pair: PairMLP) -> None:
        self.pair = pair

    def score(self, encoding: Encoding, user_idx: Int[Tensor, " batch"]) -> Float[Tensor, "batch items"]:
        """Scores of every item for each user."""
        return self.pair.rank(encoding.user.index_select(0, user_idx), encoding.item)

    def state(self) -> dict[str, Tensor]:
        """The perceptron's weights."""
        return self.pair.state_dict()

    @classmethod
    def of(cls, state: Mapping[str, Tensor]) -> "PairScores":
        """The one with these weights."""
        hidden_dim, emb_dim = state["user.weight"].shape
        pair = PairMLP(emb_dim, hidden_dim=hidden_dim)
        pair.load_state_dict(state)
        return cls(pair)
