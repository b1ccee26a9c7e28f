"""What answers hold."""

from typing import Any
from urllib.parse import quote

from typing_extensions import NotRequired, TypedDict

from mmgraph.reading.images import ImageFolder
from mmgraph.serve.ranked import Ranked
from mmgraph.serve.served import ServedRun


class Item(TypedDict):
    """An item; with what the table states of it where details were asked for."""

    id: str
    score: NotRequired[float]
    title: NotRequired[str]
    columns: NotRequired[dict[str, str]]
    image: NotRequired[str]
    users: NotRequired[int]


class ItemList(TypedDict):
    """Items, best first."""

    items: list[Item]


class UserList(ItemList):
    """A user's list."""

    user: str


class HistoryList(ItemList):
    """The list of somebody who has some items."""

    history: list[str]


class SimilarList(ItemList):
    """Items like an item; scores are cosines of final vectors."""

    item: str


class Lists(TypedDict):
    """Those of the users in the order of the request, then those of the histories."""

    lists: list[UserList | HistoryList]


class SimilarLists(TypedDict):
    """In the order of the request."""

    lists: list[SimilarList]


class UserHistory(ItemList):
    """What a user has."""

    user: str
    total: int


class UserIds(TypedDict):
    """Ids of users."""

    users: list[str]


class ModalityMatch(TypedDict):
    """How near an item is to a history in a modality: the cosine, and the share of other items that are less near."""

    name: str
    cosine: float
    closer_than: float


class Explanation(TypedDict):
    """The items of the history that are most like an item, and how near it is to them by modality."""

    user: str
    item: str
    neighbors: list[Item]
    modalities: list[ModalityMatch]


class RunInfo(TypedDict):
    """What is served."""

    run: str
    users: int
    items: int
    about: dict[str, Any]
    limits: dict[str, int]


class Status(TypedDict):
    """How the service is."""

    status: str


class Refusal(TypedDict):
    """Why a request is not answered."""

    error: str
    close: NotRequired[list[str]]


class ItemWriter:
    """Writes items for answers.

    Args:
        run: whose they are.
        images: the folder of their pictures; None where there is none.
        details: whether columns and pictures are written.
    """

    def __init__(self, run: ServedRun, images: ImageFolder | None, *, details: bool) -> None:
        self.run = run
        self.images = images
        self.details = details

    def of_ranked(self, ranked: Ranked) -> list[Item]:
        """Items with their scores."""
        return [
            {**self.of_row(row), "score": score}
            for row, score in zip(ranked.items.tolist(), ranked.scores, strict=True)
        ]

    def of_row(self, row: int) -> Item:
        """An item."""
        items = self.run.items
        written: Item = {"id": items.ids.ids[row]}
        if not self.details:
            return written
        columns = items.columns_of(row)
        written["columns"] = columns
        written["users"] = int(self.run.num_havers[row])
        if items.title_column in columns:
            written["title"] = columns[items.title_column]
        if self.images is not None and self.images.path_of(items.image_name(row)) is not None:
            written["image"] = f"image?item={quote(written['id'], safe='')}"
        return written
