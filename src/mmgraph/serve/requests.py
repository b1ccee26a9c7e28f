"""What requests may hold; a word that there is not is refused, with those that there are."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

_LONGEST_ID = 1000
_LONGEST_TEXT = 200

Id = Annotated[str, Field(max_length=_LONGEST_ID)]
K = Annotated[int, Field(ge=1, description="length of the list")]
Limit = Annotated[int, Field(ge=1, description="how many at the most")]
Details = Annotated[bool, Field(description="whether items come with their columns and pictures")]
Deny = Annotated[list[Id], Field(description="items that must not be in the list")]
Known = Annotated[bool, Field(description="whether lists may have items that the user has already")]


class _Words(BaseModel):
    """Named values, none of which is unknown."""

    # Ids that are numbers may be sent as numbers.
    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _check_names(cls, given: Any) -> Any:
        unknown = [name for name in given if name not in cls.model_fields] if isinstance(given, dict) else []
        if unknown:
            raise PydanticCustomError(
                "unknown_word",
                "there is no {name}; this takes {names}",
                {"name": repr(unknown[0])[:60], "names": ", ".join(cls.model_fields)},
            )
        return given


class ListRequest(_Words):
    """A list for one user."""

    user: Id
    k: K = 10
    known: Known = False
    deny: Deny = []
    details: Details = False


class BatchRequest(_Words):
    """Lists for some users, for people who are no users yet but have a history of items, or for both."""

    users: list[Id] = []
    histories: list[list[Id]] = []
    k: K = 10
    known: Known = False
    deny: Deny = []
    details: Details = False

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"users": ["u1", "u2"], "k": 5}, {"histories": [["i1", "i2"]], "k": 5}]}
    )


class SimilarRequest(_Words):
    """Items like one item."""

    item: Id
    k: K = 10
    details: Details = False


class SimilarBatchRequest(_Words):
    """Items like each of some items."""

    items: list[Id] = Field(min_length=1)
    k: K = 10
    details: Details = False


class ItemRequest(_Words):
    """One item."""

    item: Id


class HistoryRequest(_Words):
    """What a user has."""

    user: Id
    limit: Limit = 50
    details: Details = False


class ExplainRequest(_Words):
    """Where a recommendation came from."""

    user: Id
    item: Id
    neighbors: Annotated[int, Field(ge=1, description="items of the history that are named")] = 3
    details: Details = False


class ItemSearch(_Words):
    """Items by words of their titles."""

    search: Annotated[str, Field(max_length=_LONGEST_TEXT, description="words; none: the first items")] = ""
    limit: Limit = 10


class UserSearch(_Words):
    """Users by the beginning of their ids."""

    prefix: Annotated[str, Field(max_length=_LONGEST_ID, description="how the id begins; nothing: the first ids")] = ""
    limit: Limit = 10
