"""What browsers are shown: the page, the description of the interface, and their files."""

from pathlib import Path

import swagger_ui_bundle
from fastapi import APIRouter, FastAPI
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles

from mmgraph.serve.guards import STATIC

_FILES = Path(__file__).parent / "page"

router = APIRouter(include_in_schema=False)


@router.get("/")
async def page() -> FileResponse:
    """The page."""
    return FileResponse(_FILES / "index.html")


@router.get("/docs")
async def docs() -> FileResponse:
    """The interface, to read and to try."""
    return FileResponse(_FILES / "docs.html")


@router.get("/favicon.ico")
async def icon() -> FileResponse:
    """The icon, for browsers that ask for it by this name."""
    return FileResponse(_FILES / "icon.svg")


def add_files(app: FastAPI) -> None:
    """Adds what the pages are made of."""
    app.mount(f"{STATIC}swagger", StaticFiles(directory=swagger_ui_bundle.swagger_ui_path), name="swagger")
    app.mount(STATIC.rstrip("/"), StaticFiles(directory=_FILES), name="static")
