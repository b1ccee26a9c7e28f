"""Answers as JSON, and refusals as sentences."""

from typing import Any

import orjson
from starlette.responses import Response

from mmgraph.terminal import printable


class Json(Response):
    """An answer; numbers of NumPy are written with the digits that they have."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Writes the content as JSON."""
        return orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)


class RefusedError(Exception):
    """A request that is not answered.

    Args:
        status: of HTTP.
        sentence: why, and what would be right.
    """

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


def refusal(status: int, sentence: str, **headers: str) -> Json:
    """The answer to a request that is refused: ``{"error": sentence}``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Json({"error": printable(sentence)}, status, named)
