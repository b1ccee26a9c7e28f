"""Open-loop load on a service, in a process of its own: requests go out when they are planned, answered or not.

    python benchmarks/load.py ADDRESS RATE SECONDS < paths.txt

The time of an answer is counted from the planned moment of its request, so a service that falls behind cannot slow the
clock that judges it. Prints a JSON object with ``sent``, ``failed``, and ``ms``, the times of the answers with 200.
"""

import argparse
import asyncio
import json
import random
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

CONNECTIONS = 128
_LAST_ANSWERS = 10.0


class Connection(asyncio.Protocol):
    """One connection that is kept open; asks one thing at a time."""

    def __init__(self, load: "Load") -> None:
        self.load = load
        self.buffer = b""
        self.planned: float | None = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def ask(self, planned: float, request: bytes) -> None:
        self.planned = planned
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, blank, body = self.buffer.partition(b"\r\n\r\n")
        if not blank:
            return
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        if len(body) < length:
            return
        self.buffer = body[length:]
        planned, self.planned = self.planned, None
        self.load.answered(self, planned, head[9:12] == b"200")

    def connection_lost(self, error: Exception | None) -> None:
        self.load.lost(self, self.planned is not None)


class Load:
    """Requests at random moments (a Poisson process), over connections that are kept open.

    Args:
        address: of the service.
        paths: what is asked for, one after another.
        rate: requests a second.
        seconds: for how long.
    """

    def __init__(self, address: str, paths: list[str], *, rate: float, seconds: float) -> None:
        self.place = urlsplit(address)
        host = self.place.netloc
        self.requests = [f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode() for path in paths]
        self.rate = rate
        self.seconds = seconds
        self.idle: list[Connection] = []
        self.waiting: deque[tuple[float, bytes]] = deque()
        self.milliseconds: list[float] = []
        self.sent = 0
        self.failed = 0

    async def run(self) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        for _ in range(CONNECTIONS):
            _, connection = await loop.create_connection(lambda: Connection(self), self.place.hostname, self.place.port)
            self.idle.append(connection)
        draw = random.Random(0)
        planned = time.perf_counter()
        end = planned + self.seconds
        while planned < end:
            planned += draw.expovariate(self.rate)
            if (pause := planned - time.perf_counter()) > 0:
                await asyncio.sleep(pause)
            elif self.sent % 64 == 0:
                await asyncio.sleep(0)
            self.ask(planned, self.requests[self.sent % len(self.requests)])
            self.sent += 1
        deadline = time.perf_counter() + _LAST_ANSWERS
        while len(self.milliseconds) + self.failed < self.sent and time.perf_counter() < deadline:
            await asyncio.sleep(0.01)
        self.failed = self.sent - len(self.milliseconds)
        return {"sent": self.sent, "failed": self.failed, "ms": self.milliseconds}

    def ask(self, planned: float, request: bytes) -> None:
        if self.idle:
            self.idle.pop().ask(planned, request)
        else:
            self.waiting.append((planned, request))

    def answered(self, connection: Connection, planned: float, is_right: bool) -> None:
        if is_right:
            self.milliseconds.append((time.perf_counter() - planned) * 1e3)
        else:
            self.failed += 1
        if self.waiting:
            connection.ask(*self.waiting.popleft())
        else:
            self.idle.append(connection)

    def lost(self, connection: Connection, was_asking: bool) -> None:
        self.failed += was_asking
        if connection in self.idle:
            self.idle.remove(connection)


def run_load(address: str, paths: list[str], *, rate: float, seconds: float) -> dict[str, Any]:
    """Runs the load in another process; gives what it found."""
    command = [sys.executable, Path(__file__), address, str(rate), str(seconds)]
    text = "\n".join(paths)
    return json.loads(subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address")
    parser.add_argument("rate", type=float)
    parser.add_argument("seconds", type=float)
    args = parser.parse_args()
    import uvloop

    load = Load(args.address, sys.stdin.read().split("\n"), rate=args.rate, seconds=args.seconds)
    print(json.dumps(uvloop.run(load.run())))


if __name__ == "__main__":
    main()
