"""What is asked of a run: lists for whom, of how many items, of which."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mmgraph.models import Recommender
from mmgraph.models.scoring import InnerProduct, Scorer
from mmgraph.pipeline.choosing import choose
from mmgraph.pipeline.given_ids import rows_of
from mmgraph.pipeline.lists import Choice, best_lists
from mmgraph.pipeline.recommend import Recommendations, checked_length, themselves, unit_vectors
from mmgraph.pipeline.serving import IdTable, Serving, Texts
from mmgraph.typing import PARTS, Encoding


@dataclass(frozen=True)
class Listing:
    """Lists that can be made, all at once or chunk by chunk.

    Args:
        of: ids of those whom a list belongs to, users or items.
        rows: which of them.
        items: ids of what stands in the lists.
        titles: what the items are called, where that is known.
        scorer: gives the scores.
        encoding: what it reads.
        choice: what may stand in a list.
        k: length of the lists.
    """

    of: IdTable
    rows: Tensor
    items: IdTable
    titles: Texts | None
    scorer: Scorer | Recommender
    encoding: Encoding
    choice: Choice
    k: int

    def chunks(self) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Yields rows of ``of``, and the scores and rows of their items, ``(rows, k)``; -1 where none is left."""
        rows = self.rows.to(self.encoding.item.device)
        for part, scores, items in best_lists(self.scorer, self.encoding, rows, self.choice, k=self.k):
            yield self.rows[part], scores, items

    @property
    def columns(self) -> list[str]:
        """What stands in a line of a table of lists."""
        names = ["user", "rank", "item", "score"] if self.of.kind == "user" else ["item", "rank", "similar", "score"]
        return names if self.titles is None else [*names, "title"]

    def first(self, count: int) -> "Listing":
        """The lists of the first few."""
        return replace(self, rows=self.rows[:count])

    def blocks(self) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
        """Yields lines of a table of lists, column by column, and how many lists they are: those ranked at once."""
        for rows, scores, items in self.chunks():
            taken = items >= 0
            rank = torch.arange(1, self.k + 1).expand_as(items)[taken]
            values = (
                self.of.ids(rows.unsqueeze(1).expand_as(items)[taken]),
                rank,
                self.items.ids(items[taken]),
                scores[taken],
            )
            block = dict(zip(self.columns, map(np.asarray, values), strict=False))
            if self.titles is not None:
                block["title"] = self.titles.take(items[taken].numpy())
            yield rows.numel(), block

    def collect(self) -> Recommendations:
        """All of them, by ids."""
        found = [(scores, items) for _, scores, items in self.chunks()]
        scores, items = (torch.cat(parts) for parts in zip(*found, strict=True))
        return Recommendations(self.items.ids(items), scores)


def for_users(
    serving: Serving,
    users: Any,
    *,
    k: int = 10,
    exclude: Any = tuple(PARTS),
    allow: Any = None,
    deny: Any = None,
    category: Any = None,
    at_most: int | None = None,
) -> Listing:
    """The best items for users; see :meth:`mmgraph.Run.recommend`."""
    rows = rows_of(users, serving.users, name="users")
    known = serving.known_in(_parts(exclude))
    choice = choose(serving, known, allow=allow, deny=deny, category=category, at_most=at_most)
    length = checked_length(k, len(serving.items))
    return _listing(serving, serving.users, rows, serving.scorer, serving.encoding, choice, length)


def for_items(
    serving: Serving,
    items: Any,
    *,
    k: int = 10,
    allow: Any = None,
    deny: Any = None,
    category: Any = None,
    at_most: int | None = None,
) -> Listing:
    """The items most like some; see :meth:`mmgraph.Run.similar_items`."""
    rows = rows_of(items, serving.items, name="items")
    unit = unit_vectors(serving.encoding)
    known = themselves(rows, len(serving.items))
    choice = choose(serving, known, allow=allow, deny=deny, category=category, at_most=at_most)
    length = checked_length(k, len(serving.items) - 1)
    return _listing(serving, serving.items, rows, InnerProduct(), unit, choice, length)


def _listing(
    serving: Serving,
    of: IdTable,
    rows: Tensor,
    scorer: Scorer | Recommender,
    encoding: Encoding,
    choice: Choice,
    k: int,
) -> Listing:
    titles = next((serving.columns[name] for name in ("title", "name") if name in serving.columns), None)
    return Listing(of, rows, serving.items, titles, scorer, encoding, choice, k)


def _parts(exclude: Any) -> list[str]:
    names: list[Any] = [exclude] if exclude is None or isinstance(exclude, str) else list(exclude)
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        raise ValueError(f"exclude names {unknown}; splits are {list(PARTS)}, and [] leaves nothing out")
    return names
