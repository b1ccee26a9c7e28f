"""What preparing raw files costs: seconds, memory and disk for a table with string ids and ISO times.

    python benchmarks/prepare.py [--lines N ...] [--json FILE] [WORD ...]

Words are mmgraph-prepare's (k_core=5, repeats=count, split=per_user_time, memory=2GB, ...). The lines are made first,
about 50 bytes each, in a folder that is removed again.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from measuring import Row, report

from mmgraph.prepare.engine import connect

WORDS = ["k_core=5", "split=per_user_random"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--folder", type=Path, help="where to work (the system's folder for temporary files)")
    parser.add_argument("--json", type=Path)
    args, words = parser.parse_known_args()
    rows = [measure(lines, words or WORDS, args.folder) for lines in args.lines]
    report(rows, title="Preparing raw files", command=" ".join(sys.argv), path=args.json)


def measure(lines: int, words: list[str], folder: Path | None) -> Row:
    """One preparation in a process of its own."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        orders = Path(place) / "orders.csv"
        write_orders(orders, lines)
        used = Disk(Path(place))
        started = time.perf_counter()
        command = [sys.executable, "-m", "mmgraph.cli.prepare", orders, f"out={place}/made", *words]
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        with used:
            subprocess.run([str(word) for word in command], check=True)
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return {
            "lines": lines,
            "words": " ".join(words),
            "input MB": orders.stat().st_size / 1e6,
            "s": time.perf_counter() - started,
            "CPU s": usage.ru_utime + usage.ru_stime - before,
            "peak MB": usage.ru_maxrss * 1024 / 1e6,
            "disk MB": used.most / 1e6,
        }


def write_orders(path: Path, lines: int) -> None:
    """Long-tailed users and items, some pairs more than once, times over three years."""
    users, items = max(10, lines // 50), max(10, lines // 500)
    connect(":memory:").execute(f"""
        COPY (
            SELECT 'customer-' || format('{{:08x}}', CAST(floor({users} * pow(random(), 2)) AS BIGINT)) AS customer,
                'SKU-' || CAST(floor({items} * pow(random(), 3)) AS BIGINT) AS product,
                strftime(TIMESTAMP '2022-01-01' + to_seconds(CAST(floor(random() * 94608000) AS BIGINT)),
                    '%Y-%m-%dT%H:%M:%SZ') AS ordered_at,
                CAST(1 + floor(5 * random()) AS INTEGER) AS stars
            FROM range({lines})
        ) TO '{path}' (FORMAT csv, HEADER true)
    """)


class Disk:
    """The most that the hidden working folders of a place take while a block runs.

    Args:
        place: the folder.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self.most = 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._watch)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *error: object) -> None:
        self.ended.set()
        self.thread.join()

    def _watch(self) -> None:
        while not self.ended.wait(0.2):
            sizes = [_size(Path(folder) / name) for folder, _, names in os.walk(self.place) for name in names]
            self.most = max(self.most, sum(sizes) - _size(self.place / "orders.csv"))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # gone since it was listed
        return 0


if __name__ == "__main__":
    main()
