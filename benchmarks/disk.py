"""Interactions beyond memory: a made-up data set is sorted into files, and some steps of a model are trained from them.

    python benchmarks/disk.py [--users N] [--items N] [--interactions N] [--folder DIR] [--steps N] [--json FILE] [WORD]

Words are train.py's; model=mf_bpr and model=lightgcn loader=neighbor can be trained so. Without --folder all files are
removed at the end (17 bytes an interaction of text, 8 of sorted files, and 9 more while they are sorted); with it they
are found there by the next run. An epoch is not run: it is computed, as its draw, its number of steps times the median
step, and one catching up of all rows. Memory is what the process holds of its own (RssAnon and RssShmem of the kernel,
looked at 20 times a second); pages of mapped files (RssFile), which the kernel takes back when it needs them, stand
apart. Needs pyarrow (extra: hub) to write the text.
"""

import argparse
import itertools
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from measuring import PROCESS, Row, report

from mmgraph.cli.switches import set_switches
from mmgraph.config.compose import compose_config
from mmgraph.datasets import MMRecFolder
from mmgraph.pipeline.parts import Parts, build
from mmgraph.training.step import TrainingStep

CHUNK_USERS = 100_000
LONGEST = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=10_000_000)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--interactions", type=int, default=100_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--json", type=Path)
    args, words = parser.parse_known_args()
    set_switches()
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.folder or Path(temporary)
        row = measure(folder, (args.users, args.items, args.interactions), words, args.steps)
    report([row], title="Interactions in files", command=" ".join(sys.argv), path=args.json)


def measure(folder: Path, sizes: tuple[int, int, int], words: list[str], num_steps: int) -> Row:
    path = folder / "made" / "made.inter"
    if not path.exists():
        write_interactions(path, *sizes)
    with measured() as reading:
        dataset = MMRecFolder(path.parent, interactions="mapped", cache_dir=folder / "cache")
    cfg = compose_config(
        ["dataset=folder", f"dataset.root={path.parent}", "dataset.interactions=mapped", "evaluator.sample_users=1000",
         *words]
    )  # fmt: skip
    with measured() as training:
        parts = build(cfg, dataset=dataset)
        found = some_steps(parts, num_steps)
    counts = dataset.summary
    return {
        "model": cfg.model_name,
        "dim": cfg.model.emb_dim,
        "batch": cfg.loader.batch_size,
        **{name: counts[name] for name in ("users", "items", "train")},
        "opened in s": reading["seconds"],
        "opened with GiB": reading["GiB"],
        **found,
        "GiB": training["GiB"],
        "GiB of files": training["GiB of files"],
    }


def write_interactions(path: Path, num_users: int, num_items: int, num_interactions: int) -> None:
    """About so many interactions: users of any activity, items of skewed popularity, a hundredth of either part."""
    import pyarrow as pa
    from pyarrow import csv

    rng = np.random.default_rng(0)
    mean = num_interactions / num_users
    path.parent.mkdir(parents=True, exist_ok=True)
    begun = path.with_suffix(".begun")
    with begun.open("wb") as file:
        file.write(b"userID\titemID\tx_label\n")
        for first in range(0, num_users, CHUNK_USERS):
            user = np.arange(first, min(first + CHUNK_USERS, num_users))
            key = drawn_pairs(rng, user, mean, num_items)
            label = rng.choice(3, size=len(key), p=[0.98, 0.01, 0.01])
            table = pa.table({"user": key // num_items, "item": key % num_items, "label": label})
            csv.write_csv(table, file, csv.WriteOptions(include_header=False, delimiter="\t"))
    begun.rename(path)


def drawn_pairs(rng: np.random.Generator, user: np.ndarray, mean: float, num_items: int) -> np.ndarray:
    """One item that makes sure each occurs, and others; of a pair that is drawn twice one is kept."""
    degree = np.minimum(rng.geometric(1 / mean, size=len(user)), LONGEST)
    item = (num_items * rng.random(int(degree.sum())) ** 2).astype(np.int64)
    others = np.repeat(user, degree) * num_items + item
    return np.unique(np.concatenate([user * num_items + user % num_items, others]))


def some_steps(parts: Parts, num_steps: int) -> dict[str, Any]:
    """Seconds of what an epoch is made of, and of an evaluation of a sample."""
    optimizers = parts.trainer.make_optimizers(parts.model)
    step = TrainingStep(parts.model, parts.objective, optimizers, parts.trainer.fabric)
    groups = list(optimizers)
    parts.model.train()
    seconds = []
    started = time.perf_counter()
    for graph, batch in itertools.islice(parts.loader.epoch(parts.graph, 0), num_steps + 2):
        step(graph, batch, groups)
        seconds.append(time.perf_counter() - started)
        started = time.perf_counter()
    drawing, _, *others = seconds  # the first draws the epoch, the second still takes memory from the system
    optimizers.rows.catch_up()
    catching_up = time.perf_counter() - started
    started = time.perf_counter()
    parts.evaluator(parts.model, parts.graph, "val", sampled=True)
    ranking = time.perf_counter() - started
    each = median(others)
    return {
        "draw s": drawing - each,
        "ms/step": 1e3 * each,
        "steps": len(parts.loader),
        "catch up s": catching_up,
        "computed h/epoch": (drawing + each * (len(parts.loader) - 1) + catching_up) / 3600,
        "1,000 users ranked s": ranking,
    }


@contextmanager
def measured() -> Iterator[Row]:
    """Seconds, and the most that was held meanwhile: of the process's own, and of mapped files."""
    found: Row = {"GiB": 0.0, "GiB of files": 0.0}
    done = threading.Event()
    watcher = threading.Thread(target=watch, args=(found, done), daemon=True)
    watcher.start()
    started = time.perf_counter()
    try:
        yield found
    finally:
        found["seconds"] = time.perf_counter() - started
        done.set()
        watcher.join()


def watch(found: Row, done: threading.Event) -> None:
    while True:
        held = resident()
        found["GiB"] = max(found["GiB"], (held["RssAnon"] + held["RssShmem"]) / 2**20)
        found["GiB of files"] = max(found["GiB of files"], held["RssFile"] / 2**20)
        if done.wait(0.05):
            return


def resident() -> dict[str, int]:
    """KiB by kind."""
    lines = (PROCESS / "status").read_text().splitlines()
    return {key: int(rest.split()[0]) for key, rest in (line.split(":", 1) for line in lines if line.startswith("Rss"))}


if __name__ == "__main__":
    main()
