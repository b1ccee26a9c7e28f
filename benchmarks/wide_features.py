"""VBPR on features that are wider than memory: seconds of an epoch and of its evaluation, and what the process held.

    python benchmarks/wide_features.py [--items N] [--width N] [--users N] [--each N] [--folder DIR] [--json FILE]

The folder of the data set (random features in half precision, ``--items`` times ``--width`` times two bytes) is made
where it is not there yet. Pages of the file that the system keeps count to "MiB of the process", and can be taken from
it at any time; what cannot is "of it its own". Run under a limit of memory, this shows what is enough.
"""

import argparse
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from measuring import PROCESS, Row, peak_mebibytes, report

import mmgraph
from mmgraph.datasets import MMRecFolder

BLOCK_ROWS = 4096


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--width", type=int, default=4096)
    parser.add_argument("--users", type=int, default=20_000)
    parser.add_argument("--each", type=int, default=25, help="interactions of a user")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.folder or Path(temporary) / "wide"
        if not folder.exists():
            make_folder(folder, args)
        with own_peak() as peak:
            dataset = MMRecFolder(folder, mapped_features=True, split="random", cache_dir=folder / "cache")
            run = mmgraph.run("vbpr", dataset, loader="neighbor", max_epochs=1)
    epoch = run.history[-1]
    row: Row = {
        "items": args.items,
        "width": args.width,
        "GB": args.items * args.width * 2 / 1e9,
        "interactions": args.users * args.each,
        "epoch s": epoch["seconds"],
        "evaluation s": epoch["evaluation_seconds"],
        "MiB of the process": peak_mebibytes(),
        "of it its own": peak[0] / 1024,
    }
    report([row], title="Features wider than memory", command=" ".join(sys.argv), path=args.json)


def make_folder(folder: Path, args: argparse.Namespace) -> None:
    rng = np.random.default_rng(0)
    folder.mkdir(parents=True)
    items = rng.integers(args.items, size=(args.users, args.each))
    with (folder / "wide.inter").open("w") as file:
        file.write("userID\titemID\n")
        for user, row in enumerate(items):
            file.writelines(f"{user}\t{item}\n" for item in np.unique(row))
    shape = (args.items, args.width)
    x = np.lib.format.open_memmap(folder / "text_feat.npy", mode="w+", dtype=np.float16, shape=shape)
    for start in range(0, args.items, BLOCK_ROWS):
        block = x[start : start + BLOCK_ROWS]
        block[:] = rng.standard_normal(block.shape, dtype=np.float32)
    x.flush()


@contextmanager
def own_peak() -> Iterator[list[int]]:
    """The most KiB that the process held beside pages of files, looked at ten times a second."""
    peak = [0]
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.1):
            peak[0] = max(peak[0], own_kibibytes())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peak
    finally:
        ended.set()
        thread.join()


def own_kibibytes() -> int:
    lines = (PROCESS / "status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("RssAnon:")), 0)


if __name__ == "__main__":
    main()
