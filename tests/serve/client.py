"""Requests to a service that runs in a thread of the tests' process."""

import http.client
import json
from contextlib import contextmanager
from types import SimpleNamespace
from urllib.parse import urlsplit

from mmgraph.serve.app import create_app, load_first
from mmgraph.serve.server import in_thread
from mmgraph.serve.settings import Settings


@contextmanager
def service(run, *, place=".", **settings):
    """Serves what is served of some run; gives its address."""
    told = Settings(place, port=0, **settings)
    app = create_app(told, load=lambda folder: run)
    load_first(app)
    with in_thread(app, told) as address:
        yield address


def ask(address, path, *, method="GET", body=None, headers=None):
    """An answer: status, headers, text, and its JSON if it is some."""
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **(headers or {})}
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    is_json = answer.headers.get_content_type() == "application/json"
    return SimpleNamespace(
        status=answer.status, headers=answer.headers, content=content, json=json.loads(content) if is_json else None
    )
