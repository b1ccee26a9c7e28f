"""The application: endpoints, what stands before them, pages."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path

from fastapi import FastAPI

import mmgraph
from mmgraph.reading.images import ImageFolder
from mmgraph.serve import lists, lookups, pages, state
from mmgraph.serve.guards import BodyLimit, Clock, ConcurrencyLimit, TokenGuard
from mmgraph.serve.keeper import Keeper
from mmgraph.serve.metrics import Metrics
from mmgraph.serve.open_run import open_run
from mmgraph.serve.openapi import describe
from mmgraph.serve.refusals import refuse_in_sentences
from mmgraph.serve.served import ServedRun
from mmgraph.serve.service import Service
from mmgraph.serve.settings import Settings


def create_app(settings: Settings, *, load: Callable[[Path], ServedRun] | None = None) -> FastAPI:
    """Makes the application, for any ASGI server; the run is loaded when that starts it.

    Args:
        settings: what it is given; host, port and workers are the server's business.
        load: makes what is served of a run's folder; by default :func:`~mmgraph.serve.open_run.open_run`.

    Raises:
        ModuleNotFoundError: without the extra ``serve``.
    """
    metrics = Metrics()
    keeper = Keeper(Path(settings.run).expanduser(), load or _loader(settings), metrics)
    images = None if settings.images is None else ImageFolder(Path(settings.images).expanduser())
    app = FastAPI(
        title="mmgraph-serve",
        version=mmgraph.__version__,
        lifespan=_watching(keeper, settings.poll),
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = Service(settings, keeper, images, metrics)
    for router in (lists.router, lookups.router, state.router, pages.router):
        app.include_router(router)
    pages.add_files(app)
    describe(app, with_token=settings.token is not None)
    refuse_in_sentences(app)
    # The last one added stands first.
    app.add_middleware(ConcurrencyLimit, most=settings.concurrency)
    app.add_middleware(BodyLimit, most=settings.body_max)
    app.add_middleware(TokenGuard, token=settings.token)
    app.add_middleware(Clock, metrics=metrics)
    return app


def load_first(app: FastAPI) -> None:
    """Loads the run before the application is started.

    Raises:
        Exception: whatever is wrong with it.
    """
    service: Service = app.state.service
    service.keeper.change()


def _loader(settings: Settings) -> Callable[[Path], ServedRun]:
    return lambda folder: open_run(folder, index=settings.index, data_root=settings.data_root)


def _watching(keeper: Keeper, poll: float) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if keeper.current is None:
            await asyncio.to_thread(keeper.change)
        task = asyncio.create_task(keeper.watch(poll))
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    return lifespan
