"""Whoever knows what lists are made of, makes them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from mmgraph.extension import Histories
from mmgraph.pipeline.given_ids import ALL, GivenIds
from mmgraph.pipeline.histories import serve_histories
from mmgraph.pipeline.list_files import Written, write_lists
from mmgraph.pipeline.listing import for_items, for_users
from mmgraph.pipeline.recommend import Recommendations
from mmgraph.pipeline.serving import Serving, histories_of


class ListMaker(ABC):
    """Lists of recommendations, by the ids that people know."""

    @property
    @abstractmethod
    def serving(self) -> Serving:
        """What lists are made of."""

    def recommend(
        self,
        users: GivenIds | None = None,
        *,
        histories: Sequence[Sequence[Any]] | None = None,
        k: int = 10,
        exclude: Sequence[str] = ("train", "val", "test"),
        allow: GivenIds | None = None,
        deny: GivenIds | None = None,
        category: str | Sequence[str] | None = None,
        at_most: int | None = None,
    ) -> Recommendations:
        """The k best items for each user.

        Args:
            users: ids; ``"all"``; or a file with an id a line, or with a column ``user`` (``.csv``, ``.tsv``).
            histories: in their place, the ids of the items that each of some users chose whom the run has not met, or
                who chose more since; these items are left out. An empty history gets what the mean user gets.
            k: length of the lists.
            exclude: the splits whose items a user already has: they are left out. To compare lists with the held-out
                items, leave these in: ``exclude=["train"]``.
            allow: the only items that may stand in a list, as ``users``.
            deny: items that may not.
            category: the only category, or categories, of the items' column ``category``.
            at_most: how many items of one category a list may have.

        Returns:
            ``ids`` (users, k) and ``scores``, in the order of ``users`` or ``histories``.

        Raises:
            ValueError: for an id or a category that is not there, a split that is none, or a number below 1.
            FileNotFoundError: if a file is not there.
        """
        serving = self.serving
        if (users is None) == (histories is None):
            raise ValueError("recommend takes users, or histories in their place: give one of the two")
        if histories is not None:
            serving, users, exclude = serve_histories(serving, self._histories, histories), ALL, ["train"]
        return for_users(
            serving, users, k=k, exclude=exclude, allow=allow, deny=deny, category=category, at_most=at_most
        ).collect()

    def similar_items(
        self,
        items: GivenIds,
        *,
        k: int = 10,
        allow: GivenIds | None = None,
        deny: GivenIds | None = None,
        category: str | Sequence[str] | None = None,
        at_most: int | None = None,
    ) -> Recommendations:
        """The k items most like each of ``items``, by the cosine of their final vectors.

        Args:
            items: ids, ``"all"`` or a file, as the users of :meth:`recommend`.
            k: length of the lists.
            allow: as there.
            deny: as there.
            category: as there.
            at_most: as there.

        Raises:
            ValueError: as there, and for a model whose items are no vectors.
        """
        return for_items(self.serving, items, k=k, allow=allow, deny=deny, category=category, at_most=at_most).collect()

    def write_recommendations(self, out: str | Path, users: GivenIds = "all", **choice: Any) -> Written:
        """Writes the lists of :meth:`recommend` into a file, in memory that more users do not add to.

        Args:
            out: ``NAME.parquet`` (needs the extra ``prepare``), ``NAME.csv`` or ``NAME.jsonl``, a line for each item:
                ``user, rank, item, score``, and ``title`` where the items have one. In CSV, for people, a text that
                begins with ``=``, ``+``, ``-`` or ``@`` gets a ``'``, so that no spreadsheet takes it for a formula.
            users: as there.
            **choice: the other arguments of :meth:`recommend`.

        Raises:
            ValueError: as there, or if ``out`` has another ending.
            OSError: if the file cannot be written; what was there before is untouched.
        """
        return write_lists(for_users(self.serving, users, **choice), out)

    def write_similar_items(self, out: str | Path, items: GivenIds = "all", **choice: Any) -> Written:
        """Writes the lists of :meth:`similar_items`, as :meth:`write_recommendations`: ``item, rank, similar, score``.

        Args:
            out: as there.
            items: as of :meth:`similar_items`.
            **choice: the other arguments of :meth:`similar_items`.
        """
        return write_lists(for_items(self.serving, items, **choice), out)

    @cached_property
    def _histories(self) -> Histories:
        return histories_of(self.serving)


class WithNew(ListMaker):
    """A run with users and items that it has not met: :meth:`mmgraph.Run.with_new`.

    Args:
        serving: what lists are made of.
    """

    def __init__(self, serving: Serving) -> None:
        self._serving = serving

    @property
    def serving(self) -> Serving:
        """What lists are made of."""
        return self._serving

    def __repr__(self) -> str:
        """How many users and items there are."""
        return f"WithNew({len(self.serving.users):,} users, {len(self.serving.items):,} items)"
