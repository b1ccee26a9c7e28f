"""Every error as a sentence; where one came from is the log's business."""

from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from mmgraph.serve.answering import Json, RefusedError, refusal
from mmgraph.serve.ids import UnknownIdError
from mmgraph.serve.rankers import NotOfferedError
from mmgraph.serve.sentences import sentence
from mmgraph.terminal import printable

_BROKEN = "something went wrong within the service; its log has the reason"


def refuse_in_sentences(app: FastAPI) -> None:
    """Has the application answer each kind of error with a sentence."""

    async def refused(request: Request, error: Any) -> Json:
        return refusal(error.status, error.sentence)

    async def unknown(request: Request, error: Any) -> Json:
        return Json({"error": printable(error), "close": error.close}, 404)

    async def invalid(request: Request, error: Any) -> Json:
        return refusal(422, "; ".join(map(sentence, error.errors()[:3])))

    async def not_offered(request: Request, error: Any) -> Json:
        return refusal(422, str(error))

    async def of_http(request: Request, error: Any) -> Json:
        return refusal(error.status_code, _http_sentence(request, error), **(error.headers or {}))

    async def broken(request: Request, error: Any) -> Json:
        return refusal(500, _BROKEN)

    app.add_exception_handler(RefusedError, refused)
    app.add_exception_handler(UnknownIdError, unknown)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(NotOfferedError, not_offered)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(Exception, broken)


def _http_sentence(request: Request, error: HTTPException) -> str:
    path = request.url.path
    if error.status_code == 404:
        return f"there is nothing at {path!r:.60}; /docs lists what there is"
    if error.status_code == 405:
        return f"{path} is not asked by {request.method}; /docs shows how"
    if error.status_code == 400:
        return "the body cannot be read as JSON"
    return str(error.detail)
