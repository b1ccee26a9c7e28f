"""Token and limits, over a real connection."""

import socket
import threading
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from mmgraph.serve import guards
from mmgraph.serve.settings import TOKEN
from tests.serve.client import ask, service
from tests.serve.conftest import served_run


@pytest.fixture
def guarded(monkeypatch):
    monkeypatch.setenv(TOKEN, "s3cret")
    with service(served_run()) as address:
        yield address


@pytest.mark.parametrize("given", [None, "", "s3cret", "Bearer", "Bearer s3cre", "Bearer s3cret2", "Basic s3cret", "é"])
def test_without_the_right_token_nothing_of_the_run_is_told(guarded, given):
    headers = {} if given is None else {"Authorization": given.encode("latin-1")}
    for path in ("/recommend?user=u0", "/users", "/run", "/metrics", "/image?item=i0", "/no/such/path"):
        answer = ask(guarded, path, headers=headers)
        assert answer.status == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json["error"].startswith("this needs the service's token")


def test_with_the_token(guarded):
    assert ask(guarded, "/recommend?user=u0", headers={"Authorization": "Bearer s3cret"}).status == 200


@pytest.mark.parametrize("path", [*sorted(guards.OPEN), "/static/app.js", "/static/swagger/swagger-ui.css"])
def test_what_holds_nothing_of_the_run_is_open(guarded, path):
    assert ask(guarded, path).status == 200


def test_the_description_says_where_the_token_is_needed(guarded):
    paths = ask(guarded, "/openapi.json").json["paths"]
    assert paths["/recommend"]["post"]["security"] == [{"token": []}]
    assert paths["/health"]["get"]["security"] == []


@pytest.mark.parametrize("headers", ["Content-Length: 5000", "Transfer-Encoding: chunked"])
def test_a_body_that_is_too_large_is_not_read_to_its_end(headers):
    with service(served_run(), body_max=100) as address, _connected(address) as connection:
        head = f"POST /recommend HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{headers}\r\n\r\n"
        part = b"x" * 200 if "Length" in headers else b"c8\r\n" + b"x" * 200 + b"\r\n"
        connection.sendall(head.encode() + part)
        assert connection.recv(20).startswith(b"HTTP/1.1 413")


def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(guards, "_SECONDS_FOR_A_BODY", 0.05)
    with service(served_run()) as address, _connected(address) as connection:
        connection.sendall(b"POST /recommend HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
        assert connection.recv(20).startswith(b"HTTP/1.1 408")
        assert ask(address, "/recommend?user=u0").status == 200


def _connected(address):
    place = urlsplit(address)
    return socket.create_connection((place.hostname, place.port), timeout=10)


REQUEST = b"GET /recommend?user=u0 HTTP/1.1\r\nHost: x\r\n\r\n"


class Slow:
    """Ranks after a while, during which requests arrive, or once it need not wait any more."""

    def __init__(self, ranker, seconds=0.3):
        self.ranker = ranker
        self.seconds = seconds
        self.begun = threading.Event()
        self.enough = threading.Event()

    def for_users(self, users, k, left_out):
        self.begun.set()
        self.enough.wait(self.seconds)
        return self.ranker.for_users(users, k, left_out)

    def for_histories(self, histories, k, left_out):
        raise NotImplementedError


def test_requests_beyond_those_that_may_wait_are_turned_away():
    run = served_run()
    slow = Slow(run.ranker, seconds=10.0)
    with service(served_run(ranker=slow), concurrency=3) as address, ExitStack() as opened:
        connections = [opened.enter_context(_connected(address)) for _ in range(12)]
        for connection in connections:  # the loop sees new connections one by one, but all that it has at once
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert _answer(connection).startswith(b"HTTP/1.1 200")
        connections[0].sendall(REQUEST)
        assert slow.begun.wait(10)  # the others arrive while the first is worked on
        for connection in connections[1:]:
            connection.sendall(REQUEST)
        slow.enough.set()
        answers = [_answer(connection) for connection in connections]
        assert ask(address, "/health").status == 200
    turned_away = [answer for answer in answers if answer.startswith(b"HTTP/1.1 503")]
    assert len(turned_away) == 8
    assert b"3 requests are waiting already: try again in a second" in turned_away[0]
    assert b"retry-after: 1" in turned_away[0]
    assert sum(answer.startswith(b"HTTP/1.1 200") for answer in answers) == 4


def _answer(connection):
    """An answer of a connection that stays open."""
    found = b""
    while not found.endswith(b"}"):
        found += connection.recv(4096)
    return found


def test_others_have_their_turn_during_a_batch():
    run = served_run()
    slow = Slow(run.ranker)
    order = []
    with service(served_run(ranker=slow)) as address:
        # Fifteen parts: a new connection is accepted, read and answered in turns of its own, which are between several.
        body = {"users": [f"u{row}" for row in range(40)] * 6}
        batch = threading.Thread(
            target=lambda: order.append(("batch", ask(address, "/recommend", method="POST", body=body).status))
        )
        batch.start()
        assert slow.begun.wait(10)
        order.append(("health", ask(address, "/health").status))
        slow.enough.set()
        batch.join()
    assert order == [("health", 200), ("batch", 200)]
