"""What lists of recommendations are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from mmgraph.datasets.base import InteractionDataset
from mmgraph.evaluation.pairs import PairSet
from mmgraph.models import Recommender
from mmgraph.models.scoring import InnerProduct, Scorer
from mmgraph.pipeline.serving.ids import IdTable
from mmgraph.pipeline.serving.texts import Texts
from mmgraph.typing import PARTS, Encoding, Sides, View


@dataclass(frozen=True, repr=False)
class Serving:
    """A trained model's encoding, who is who in it, and what is known of everybody.

    Args:
        encoding: final vectors of all users and items, and the views that the scorer reads.
        scorer: gives scores by the encoding; the model itself where nothing less does.
        users: the users' ids.
        items: the items' ids.
        known: the interactions of each part of the split.
        columns: what items are, for people, by the name of the column.
        category: the column that states the items' categories, where there is one.
    """

    encoding: Encoding
    scorer: Scorer | Recommender
    users: IdTable
    items: IdTable
    known: Mapping[str, PairSet]
    columns: Mapping[str, Texts]
    category: str = "category"

    @classmethod
    def of(cls, model: Recommender, encoding: Encoding, dataset: InteractionDataset) -> "Serving":
        """What there is of a model and of the data that it was trained on.

        Args:
            model: with its best weights.
            encoding: what it made of the whole graph.
            dataset: the data.
        """
        data = dataset[0]
        found = cls(
            encoding=encoding,
            scorer=scorer_of(model),
            users=ids_of(dataset, "user"),
            items=ids_of(dataset, "item"),
            known={part: PairSet.of_part(data, part) for part in PARTS},
            columns={name: Texts.of(texts) for name, texts in dataset.item_columns().items()},
            category=dataset.category_column,
        )
        return found.to(torch.device("cpu"))

    def __repr__(self) -> str:
        """How large it is, without its numbers."""
        return f"Serving({len(self.users):,} users, {len(self.items):,} items, {type(self.scorer).__name__})"

    @property
    def is_product(self) -> bool:
        """Whether scores are inner products of the final vectors."""
        return isinstance(self.scorer, InnerProduct)

    def to(self, device: torch.device) -> "Serving":
        """The same with vectors and weights on a device; what needs the model stays where that is."""
        if isinstance(self.scorer, Recommender):
            return self
        state = {name: tensor.to(device) for name, tensor in self.scorer.state().items()}
        encoding = _read_part(self.encoding, self.scorer.views, device)
        return replace(self, encoding=encoding, scorer=type(self.scorer).of(state))

    def known_in(self, parts: Sequence[str]) -> PairSet:
        """The interactions of some parts of the split."""
        sizes = {"num_users": len(self.users), "num_items": len(self.items)}
        return PairSet.union([self.known[part] for part in parts], **sizes)


def scorer_of(model: Recommender) -> Scorer | Recommender:
    """What ranks with the model's encodings; itself where it has scores of its own making."""
    return model.scorer() if type(model).score is Recommender.score else model


def ids_of(dataset: InteractionDataset, side: str) -> IdTable:
    """The ids of a data set's users or items as people know them."""
    originals = dataset.original_ids(side)
    numbers = dataset.numbers(side)
    return IdTable(side, numbers if originals is None else Texts.of(originals))


def _read_part(encoding: Encoding, views: Sequence[str], device: torch.device) -> Encoding:
    """Final vectors and some views, on a device."""
    kept: dict[str, View] = {}
    for name in views:
        view = encoding.views[name]
        sides = view._asdict() if isinstance(view, Sides) else view
        kept[name] = {side: _moved(x, device) for side, x in sides.items()}
    return Encoding(_moved(encoding.user, device), _moved(encoding.item, device), kept)


def _moved(x: Tensor, device: torch.device) -> Tensor:
    return x.detach().to(device)
