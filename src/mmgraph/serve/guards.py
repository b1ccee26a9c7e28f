"""What stands before the application: a clock, the token, limits."""

import asyncio
import hmac
import time
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mmgraph.serve.answering import refusal
from mmgraph.serve.metrics import Metrics

OPEN = frozenset({"/", "/docs", "/openapi.json", "/favicon.ico", "/health", "/ready"})
"""What needs no token: it holds nothing of a run."""
STATIC = "/static/"
_SECONDS_FOR_A_BODY = 10.0
_HEADERS = [
    (b"content-security-policy", b"default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-cache"),
]


class Clock:
    """Counts requests and their times, and adds the headers that every answer has.

    Args:
        app: what answers.
        metrics: where they are counted.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500
        started = time.perf_counter()

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            self.metrics.answered(route, status, time.perf_counter() - started)


class TokenGuard:
    """Lets those in who carry the token.

    Args:
        app: what answers.
        token: None lets everybody in.
    """

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self.app = app
        self.expected = None if token is None else f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands the request on, or refuses it."""
        if self.expected is None or scope["type"] != "http" or self._is_open(scope["path"]) or self._is_right(scope):
            await self.app(scope, receive, send)
            return
        sentence = "this needs the service's token: send it in the header Authorization: Bearer TOKEN"
        await refusal(401, sentence, www_authenticate="Bearer")(scope, receive, send)

    def _is_open(self, path: str) -> bool:
        return path in OPEN or path.startswith(STATIC)

    def _is_right(self, scope: Scope) -> bool:
        assert self.expected is not None
        given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        return hmac.compare_digest(given, self.expected)


class BodyLimit:
    """Reads the body of a request, if it is not too large and does not take forever, before anything is done.

    Args:
        app: what answers.
        most: bytes.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app = app
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands the request on, or refuses it."""
        if scope["type"] != "http" or not any(
            name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"]
        ):
            await self.app(scope, receive, send)
            return
        try:
            body = await asyncio.wait_for(self._read(receive), _SECONDS_FOR_A_BODY)
        except asyncio.TimeoutError:
            sentence = f"the body did not arrive within {_SECONDS_FOR_A_BODY:.0f} seconds"
            await refusal(408, sentence, connection="close")(scope, receive, send)
            return
        if body is None:
            sentence = f"the body must have at most {self.most} bytes; send several smaller requests"
            await refusal(413, sentence, connection="close")(scope, receive, send)
            return
        await self.app(scope, _replayed(body, receive), send)

    async def _read(self, receive: Receive) -> bytes | None:
        """The body; None where it is too large."""
        parts: list[bytes] = []
        size = 0
        more = True
        while more:
            message = await receive()
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self.most:
                return None
            more = message.get("more_body", False)
        return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Callable[[], Awaitable[Message]]:
    """A ``receive`` that gives the body first."""
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def again() -> Message:
        return next(messages, None) or await receive()

    return again


class ConcurrencyLimit:
    """Turns requests away where too many wait already: late answers for all would be worse than none for some.

    Those that wait to be accepted are not counted: a connection that is new is not seen before its turn comes.

    Args:
        app: what answers.
        most: requests at once.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app = app
        self.most = most
        self.waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands the request on, or refuses it."""
        if scope["type"] != "http" or scope["path"] in OPEN:
            await self.app(scope, receive, send)
            return
        if self.waiting >= self.most:
            sentence = f"{self.most} requests are waiting already: try again in a second"
            await refusal(503, sentence, retry_after="1")(scope, receive, send)
            return
        self.waiting += 1
        try:
            # Work never pauses, so those that have arrived meanwhile are seen to wait only if they are let begin first.
            await asyncio.sleep(0)
            await self.app(scope, receive, send)
        finally:
            self.waiting -= 1
