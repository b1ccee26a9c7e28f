"""The description of the interface."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from mmgraph.serve.guards import OPEN

_VERSION = "3.0.3"
"""What the page at /docs can show."""
_SUMMARY = (
    "Lists for users and for new people by their history, similar items, look-ups. Ids are the original ones. "
    'Whatever is refused is answered by a sentence, {"error": ...}.'
)


def describe(app: FastAPI, *, with_token: bool) -> None:
    """Has the application describe itself, and say where it needs the token."""

    def description() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _description(app, with_token=with_token)
        return app.openapi_schema

    app.openapi = description  # type: ignore[method-assign]


def _description(app: FastAPI, *, with_token: bool) -> dict[str, Any]:
    found = get_openapi(
        title=app.title, version=app.version, openapi_version=_VERSION, description=_SUMMARY, routes=app.routes
    )
    if not with_token:
        return found
    found["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for path, operations in found["paths"].items():
        for operation in operations.values():
            operation["security"] = [] if path in OPEN else [{"token": []}]
    return found
