"""Endpoints that look something up: users, items, histories, pictures, and where a recommendation came from."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import FileResponse

from mmgraph.reading.images import media_type
from mmgraph.serve.answering import Json, RefusedError
from mmgraph.serve.answers import Explanation, Item, ItemList, Refusal, UserHistory, UserIds
from mmgraph.serve.requests import ExplainRequest, HistoryRequest, ItemRequest, ItemSearch, UserSearch
from mmgraph.serve.service import service_of

router = APIRouter(tags=["look-ups"], responses={404: {"model": Refusal}, 422: {"model": Refusal}})


@router.get("/items", summary="Items by words of their title", responses={200: {"model": ItemList}})
async def items(request: Request, asked: Annotated[ItemSearch, Query()]) -> Json:
    """Items whose title or id has all words of the search, with their columns."""
    service = service_of(request)
    service.check_k("limit", asked.limit)
    run = service.run()
    rows = run.items.search(asked.search, limit=asked.limit)
    writer = service.writer(run, details=True)
    return Json({"items": [writer.of_row(row) for row in rows.tolist()]})


@router.get("/users", summary="Users by the beginning of their id", responses={200: {"model": UserIds}})
async def users(request: Request, asked: Annotated[UserSearch, Query()]) -> Json:
    """Users whose id begins with the prefix."""
    service = service_of(request)
    service.check_k("limit", asked.limit)
    return Json({"users": service.run().users.starting_with(asked.prefix, limit=asked.limit)})


@router.get("/item", summary="An item", responses={200: {"model": Item}})
async def item(request: Request, asked: Annotated[ItemRequest, Query()]) -> Json:
    """An item with its columns, and how many users have it."""
    service = service_of(request)
    run = service.run()
    row = run.items.ids.row(asked.item)
    return Json(service.writer(run, details=True).of_row(row))


@router.get("/history", summary="What a user has", responses={200: {"model": UserHistory}})
async def history(request: Request, asked: Annotated[HistoryRequest, Query()]) -> Json:
    """The items that a user has."""
    service = service_of(request)
    service.check_k("limit", asked.limit)
    run = service.run()
    rows = run.history(run.users.row(asked.user))
    writer = service.writer(run, details=asked.details)
    shown = [writer.of_row(row) for row in rows[: asked.limit].tolist()]
    return Json({"user": asked.user, "total": len(rows), "items": shown})


@router.get("/explain", summary="Where a recommendation came from", responses={200: {"model": Explanation}})
async def explain(request: Request, asked: Annotated[ExplainRequest, Query()]) -> Json:
    """The items of a user's history that are most like an item, and how near it is to them in each modality."""
    service = service_of(request)
    service.check_k("neighbors", asked.neighbors)
    run = service.run()
    rows = run.history(run.users.row(asked.user))
    row = run.items.ids.row(asked.item)
    near = run.neighbors(rows, row, asked.neighbors)
    matches = run.modalities(rows, row)
    return Json(
        {
            "user": asked.user,
            "item": asked.item,
            "neighbors": service.writer(run, details=asked.details).of_ranked(near),
            "modalities": [{"name": name, **match._asdict()} for name, match in matches.items()],
        }
    )


@router.get(
    "/image",
    summary="The picture of an item",
    response_class=FileResponse,
    responses={200: {"content": {"image/*": {}}}},
)
async def image(request: Request, asked: Annotated[ItemRequest, Query()]) -> FileResponse:
    """The picture of an item."""
    service = service_of(request)
    table = service.run().items
    row = table.ids.row(asked.item)
    path = None if service.images is None else service.images.path_of(table.image_name(row))
    if path is None:
        raise RefusedError(404, f"there is no picture of item {asked.item!r:.60}")
    return FileResponse(path, media_type=media_type(path))
