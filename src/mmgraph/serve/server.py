"""The server: one process or several, or a thread of this one."""

import contextlib
import copy
import dataclasses
import gc
import ipaddress
import json
import logging.config
import os
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.config import LOGGING_CONFIG

from mmgraph.serve.app import create_app, load_first
from mmgraph.serve.metrics import SEVERAL
from mmgraph.serve.settings import TOKEN, Settings

log = logging.getLogger("mmgraph.serve")
_SETTINGS = "MMGRAPH_SERVE_SETTINGS"
_BACKLOG = 2048
_SECONDS_TO_START = 30
_APP = "mmgraph.serve.server:worker_app"


def serve(settings: Settings) -> None:
    """Serves until SIGINT or SIGTERM; what has been asked by then is answered.

    Raises:
        Exception: whatever is wrong with the run, before anything is served.
        OSError: if the address cannot be listened at.
    """
    options = _options(settings)
    logging.config.dictConfig(options["log_config"])
    if settings.token is None and not _is_loopback(settings.host):
        log.warning("whoever reaches %s may ask: set %s to let in those who carry it", settings.host, TOKEN)
    app = create_app(settings)
    load_first(app)
    if settings.workers == 1:
        _spare_the_collector()
        _serve_here(uvicorn.Config(app, **options), settings)
        return
    del app  # each worker loads its own
    with tempfile.TemporaryDirectory(prefix="mmgraph-serve-") as folder:
        os.environ |= {SEVERAL: folder, _SETTINGS: _packed(settings)}
        # A worker that still imports torch on a busy machine is not hung.
        patience = _SECONDS_TO_START
        uvicorn.run(_APP, factory=True, workers=settings.workers, timeout_worker_healthcheck=patience, **options)


def worker_app() -> FastAPI:
    """The application of one of several processes, by the settings of the one that started it."""
    app = create_app(Settings(**json.loads(os.environ[_SETTINGS])))
    _spare_the_collector()
    return app


def _spare_the_collector() -> None:
    """Keeps Python from looking for garbage among the half million objects of imported packages, again and again.

    Each time it took a quarter of a second, in which no request was answered.
    """
    gc.collect()
    gc.freeze()


@contextlib.contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """Serves in a thread meanwhile; gives the address.

    Args:
        settings: of one worker.

    Raises:
        Exception: whatever is wrong with the run.
        OSError: if the address cannot be listened at.

    Example::

        with serving(Settings(run="outputs/mine", port=0)) as address:
            urllib.request.urlopen(f"{address}/recommend?user=u1").read()
    """
    app = create_app(settings)
    load_first(app)
    with in_thread(app, settings) as address:
        yield address


@contextlib.contextmanager
def in_thread(app: FastAPI, settings: Settings) -> Iterator[str]:
    """Has a thread serve an application meanwhile; gives the address.

    Raises:
        OSError: if the address cannot be listened at.
    """
    config = uvicorn.Config(app, **_options(settings) | {"log_level": "warning"})
    server = uvicorn.Server(config)
    with _bound(settings) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.01)
            yield _address(settings, listening)
        finally:
            server.should_exit = True
            thread.join()


def _serve_here(config: uvicorn.Config, settings: Settings) -> None:
    server = uvicorn.Server(config)

    def end(number: int, frame: FrameType | None) -> None:
        server.should_exit = True

    # Once it has ended the server raises the signal again that it was ended by, which is no error here.
    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with _bound(settings) as listening:
            log.info("running on %s", _address(settings, listening))
            server.run(sockets=[listening])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _bound(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=_BACKLOG)
    except OSError as error:
        reason = error.strerror or error
        raise OSError(f"host={settings.host} port={settings.port}: {reason}; port=0 takes a free port") from error


def _address(settings: Settings, listening: socket.socket) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{listening.getsockname()[1]}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _options(settings: Settings) -> dict[str, Any]:
    log_config = copy.deepcopy(LOGGING_CONFIG)
    log_config["loggers"]["mmgraph.serve"] = {"handlers": ["default"], "level": "INFO", "propagate": False}
    return {
        "host": settings.host,
        "port": settings.port,
        "log_config": log_config,
        "access_log": False,
        "server_header": False,
    }


def _packed(settings: Settings) -> str:
    """All but the token, which stays in its own environment variable; workers start in the same folder."""
    values = {item.name: getattr(settings, item.name) for item in dataclasses.fields(settings) if item.init}
    return json.dumps(values, default=str)
