"""Endpoints that make lists: for users, for histories, of similar items."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query
from starlette.requests import Request

from mmgraph.serve.answering import Json
from mmgraph.serve.answers import HistoryList, Lists, Refusal, SimilarList, SimilarLists, UserList
from mmgraph.serve.requests import BatchRequest, ListRequest, SimilarBatchRequest, SimilarRequest
from mmgraph.serve.service import service_of

_AT_ONCE = 16

router = APIRouter(tags=["lists"], responses={404: {"model": Refusal}, 422: {"model": Refusal}})


@router.get("/recommend", summary="A list for a user", responses={200: {"model": UserList}})
async def recommend(request: Request, asked: Annotated[ListRequest, Query()]) -> Json:
    """The best items for a user."""
    service = service_of(request)
    service.check_k("k", asked.k)
    run = service.run()
    users = run.users.rows([asked.user])
    denied = run.items.ids.rows(asked.deny)
    ranked = run.for_users(users, asked.k, denied=denied, known=asked.known)[0]
    writer = service.writer(run, details=asked.details)
    return Json({"user": asked.user, "items": writer.of_ranked(ranked)})


@router.post("/recommend", summary="Lists for users and for histories", responses={200: {"model": Lists}})
async def recommend_many(request: Request, asked: BatchRequest) -> Json:
    """The best items for some users, and for people who are no users yet but have a history of items."""
    service = service_of(request)
    service.check_k("k", asked.k)
    service.check_batch(len(asked.users) + len(asked.histories))
    run = service.run()
    users = run.users.rows(asked.users)
    histories = [np.unique(run.items.ids.rows(history)) for history in asked.histories]
    denied = run.items.ids.rows(asked.deny)
    writer = service.writer(run, details=asked.details)
    lists: list[UserList | HistoryList] = []
    async for part in _parts(len(users)):
        found = run.for_users(users[part], asked.k, denied=denied, known=asked.known)
        for user, ranked in zip(asked.users[part], found, strict=True):
            lists.append({"user": user, "items": writer.of_ranked(ranked)})
    async for part in _parts(len(histories)):
        found = run.for_histories(histories[part], asked.k, denied=denied, known=asked.known)
        for history, ranked in zip(asked.histories[part], found, strict=True):
            lists.append({"history": history, "items": writer.of_ranked(ranked)})
    return Json({"lists": lists})


@router.get("/similar", summary="Items like an item", responses={200: {"model": SimilarList}})
async def similar(request: Request, asked: Annotated[SimilarRequest, Query()]) -> Json:
    """The items most like an item, by the cosine of final vectors."""
    service = service_of(request)
    service.check_k("k", asked.k)
    run = service.run()
    row = run.items.ids.row(asked.item)
    writer = service.writer(run, details=asked.details)
    return Json({"item": asked.item, "items": writer.of_ranked(run.similar(row, asked.k))})


@router.post("/similar", summary="Items like each of some items", responses={200: {"model": SimilarLists}})
async def similar_many(request: Request, asked: SimilarBatchRequest) -> Json:
    """The items most like each of some items."""
    service = service_of(request)
    service.check_k("k", asked.k)
    service.check_batch(len(asked.items))
    run = service.run()
    rows = run.items.ids.rows(asked.items).tolist()
    writer = service.writer(run, details=asked.details)
    lists: list[SimilarList] = []
    async for part in _parts(len(rows)):
        for item, row in zip(asked.items[part], rows[part], strict=True):
            lists.append({"item": item, "items": writer.of_ranked(run.similar(row, asked.k))})
    return Json({"lists": lists})


async def _parts(count: int) -> AsyncIterator[slice]:
    """Slices of a few lists, some milliseconds of work; other requests have their turn between two of them."""
    for start in range(0, count, _AT_ONCE):
        yield slice(start, start + _AT_ONCE)
        await asyncio.sleep(0)
