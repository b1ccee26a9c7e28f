"""mmgraph-serve under load: how long answers take at which rate, with a million items, and while runs change.

    python benchmarks/serve.py rate [--seconds S] [--workers N] [--json FILE]
    python benchmarks/serve.py large [--items N] [--seconds S] [--json FILE]
    python benchmarks/serve.py changes [--minutes M] [--changes N] [--rate R] [--json FILE]

rate: at Baby's size (19,445 users, 7,050 items, 64-d), lists of ten at rising rates, until more than one answer in a
hundred takes longer than 50 ms; beside each the endpoint that does nothing (/health), which has what the machine and
the frameworks take. large: a million items around a thousand centres, exactly and by the index. changes: two runs
change places under load; nothing may fail, and memory may not grow.

The load comes from another process, open-loop: an answer's time counts from the moment its request was planned.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from load import run_load
from measuring import Row, report
from random_run import write_run

from mmgraph.files import atomic_write

BABY = {"users": 19_445, "items": 7_050, "dim": 64}
LIMIT_MS = 50
GROWTH = 1.15


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=["rate", "large", "changes"])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--changes", type=int, default=20)
    parser.add_argument("--rate", type=float, default=300)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = PARTS[args.part](args, Path(folder))
    report(rows, title=f"Service, {args.part}", command=" ".join(sys.argv), path=args.json)


def at_rising_rates(args: argparse.Namespace, folder: Path) -> list[Row]:
    """Rows of both endpoints, the empty one first at each rate; the last rate is beyond what is borne."""
    run = write_run(folder / "run", **BABY, seed=0)
    rows = []
    rate = 200.0
    with served(run, f"workers={args.workers}", "concurrency=100000") as (address, _):
        run_load(address, list_paths(BABY["users"]), rate=100, seconds=2)
        while True:
            for name, paths in (("/health", ["/health"]), ("/recommend", list_paths(BABY["users"]))):
                found = measured(address, paths, rate, args.seconds)
                rows.append({"times Baby": 1.0, "workers": args.workers, "endpoint": name, **found})
            if rows[-1]["p99 ms"] is None or rows[-1]["p99 ms"] > LIMIT_MS or rows[-1]["failed"]:
                return rows
            rate *= GROWTH


def with_many_items(args: argparse.Namespace, folder: Path) -> list[Row]:
    """Rows of the exact search and the index, which takes over-fetching for known and for 50 denied items."""
    sizes = {"users": 20_000, "items": args.items, "dim": 64}
    run = write_run(folder / "run", **sizes, seed=0, centres=1000)
    plain = list_paths(sizes["users"])
    denied = "".join(f"&deny=item-{row}" for row in range(50))
    rows = []
    for index, rate in (("exact", 10), ("approximate", 100)):
        started = time.perf_counter()
        with served(run, f"index={index}") as (address, pid):
            until_ready = time.perf_counter() - started
            for name, paths in (("known", plain), ("known and 50 denied", [path + denied for path in plain])):
                found = measured(address, paths, rate, args.seconds)
                rows.append({"items": args.items, "index": index, "left out": name, **found})
                rows[-1] |= {"s until ready": until_ready, "MiB": resident_mebibytes(pid)}
    return rows


def during_changes(args: argparse.Namespace, folder: Path) -> list[Row]:
    """One row; memory is that after the first tenth of the time, and at the end."""
    runs = [write_run(folder / name, **BABY, seed=seed) for seed, name in enumerate(("odd", "even"))]
    pointer = folder / "newest"
    pointer.write_text(str(runs[0]))
    seconds = 60 * args.minutes
    with served(pointer, "poll=0.5") as (address, pid):
        memory: list[float] = []
        changing = threading.Thread(target=change, args=(pointer, runs, args.changes, seconds, pid, memory))
        changing.start()
        found = measured(address, list_paths(BABY["users"]), args.rate, seconds)
        changing.join()
        text = urllib.request.urlopen(f"{address}/metrics").read().decode()
    loads = {kind: _figure(text, f'run_loads_total{{outcome="{kind}"}}') for kind in ("done", "failed")}
    early = memory[len(memory) // 10]
    return [
        {
            "times Baby": 1.0,
            "minutes": args.minutes,
            "changes": int(loads["done"]) - 1,
            "failed changes": int(loads["failed"]),
            **found,
        }
        | {"MiB early": early, "MiB at the end": memory[-1], "MiB at most": max(memory)}
    ]


def change(pointer: Path, runs: list[Path], count: int, seconds: float, pid: int, memory: list[float]) -> None:
    """Names the runs in turns, evenly over the time, and notes the memory of the service."""
    started = time.perf_counter()
    changed = 0
    while (passed := time.perf_counter() - started) < seconds:
        if changed < count and passed > (changed + 0.5) * seconds / count:
            changed += 1
            with atomic_write(pointer) as file:
                file.write(str(runs[changed % 2]))
        memory.append(resident_mebibytes(pid))
        time.sleep(min(1.0, seconds / 20))


@contextmanager
def served(run: Path, *words: str) -> Iterator[tuple[str, int]]:
    """The command in a process of its own; gives its address and the number of its process."""
    command = [sys.executable, "-m", "mmgraph.cli.serve", str(run), "port=0", *words]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    assert process.stderr is not None
    try:
        found = None
        while found is None:
            line = process.stderr.readline()
            if not line:
                raise SystemExit("the service has ended before it began")
            found = re.search(r"running on (http://\S+)", line)
        drain = threading.Thread(target=process.stderr.read, daemon=True)
        drain.start()
        until_answered(f"{found[1]}/ready")
        yield found[1], process.pid
    finally:
        process.terminate()
        process.wait()


def until_answered(address: str) -> None:
    while True:
        try:
            urllib.request.urlopen(address, timeout=60).read()
            return
        except OSError:
            time.sleep(0.1)


def measured(address: str, paths: list[str], rate: float, seconds: float) -> dict[str, Any]:
    found = run_load(address, paths, rate=rate, seconds=seconds)
    milliseconds = np.array(found["ms"])
    p50, p99 = np.percentile(milliseconds, [50, 99]).tolist() if milliseconds.size else (None, None)
    return {"requests/s": rate, "sent": found["sent"], "failed": found["failed"], "p50 ms": p50, "p99 ms": p99}


def list_paths(users: int) -> list[str]:
    drawn = np.random.default_rng(1).integers(users, size=5000)
    return [f"/recommend?user=user-{row}&k=10" for row in drawn]


def resident_mebibytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


def _figure(text: str, name: str) -> float:
    line = next(line for line in text.splitlines() if line.startswith(f"mmgraph_serve_{name}"))
    return float(line.rpartition(" ")[2])


PARTS = {"rate": at_rising_rates, "large": with_many_items, "changes": during_changes}


if __name__ == "__main__":
    main()
