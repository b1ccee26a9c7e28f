"""Recommendations over HTTP: a FastAPI application, its server, and a page to look at them (extra ``serve``)."""

from mmgraph.serve.app import create_app
from mmgraph.serve.server import serve, serving
from mmgraph.serve.settings import Settings

__all__ = ["Settings", "create_app", "serve", "serving"]
