"""Interactions beyond memory: made-up ones are sorted into files, and some steps of a model are trained from these.

    python benchmarks/disk.py [--users N] [--items N] [--interactions N] [--folder DIR] [--steps N] [--json FILE] [WORD]

Words are train.py's; model=mf_bpr and model=lightgcn loader=neighbor can be trained so. The files take 8 bytes a train
interaction, and 17 more while they are sorted; without --folder they are removed at the end, with it the next run finds
them there. They are made as those of ``dataset.interactions=mapped``, but from numbers, not from lines of text.

An epoch is not run but computed: its draw, its number of steps times the median step, and one catching up of all rows.
Seconds are those of the processor (CPU s), unless by the clock. Memory is what the process holds of its own (RssAnon
and RssShmem of the kernel, looked at 20 times a second); pages of mapped files (RssFile), which the kernel takes back
when it needs them, stand apart.
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
from mmgraph.datasets.base import InteractionDataset
from mmgraph.datasets.mapped import MappedInteractions, Source, build, kept_or_built, mapped_graph
from mmgraph.datasets.mapped.build import Sizes
from mmgraph.pipeline.parts import Parts
from mmgraph.pipeline.parts import build as build_parts
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
    num_users, num_items, _ = sizes
    with measured() as sorting:
        found = sorted_files(folder / "-".join(map(str, sizes)), *sizes)
    dataset = InteractionDataset("made", mapped_graph(found), found.split_hash)
    cfg = compose_config(["dataset=synthetic", "evaluator.sample_users=1000", *words])
    with measured() as training:
        parts = build_parts(cfg, dataset=dataset)
        steps = some_steps(parts, num_steps)
    return {
        "model": cfg.model_name,
        "dim": cfg.model.emb_dim,
        "batch": cfg.loader.batch_size,
        "users": num_users,
        "items": num_items,
        "train": found.by_user.num_edges,
        "sorted or opened, CPU s": sorting["CPU s"],
        "with GiB": sorting["GiB"],
        **steps,
        "GiB": training["GiB"],
        "GiB of files": training["GiB of files"],
    }


def sorted_files(folder: Path, num_users: int, num_items: int, num_interactions: int) -> MappedInteractions:
    made = Made(num_users, num_items, num_interactions / num_users)
    sizes = Sizes(num_users, num_items, 0, 0)

    def make(part: Path) -> Sizes:
        build(part, made, sizes, made.degree + 1, split="x_label")
        return sizes

    return kept_or_built(folder, make)


class Made(Source):
    """Users of any activity, items of skewed popularity; a hundredth each of validation and test."""

    def __init__(self, num_users: int, num_items: int, mean: float) -> None:
        self.num_items = num_items
        self.degree = np.minimum(np.random.default_rng(0).geometric(1 / (mean - 1), size=num_users), LONGEST)

    def blocks(self) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
        rng = np.random.default_rng(1)
        for first in range(0, len(self.degree), CHUNK_USERS):
            user = np.arange(first, min(first + CHUNK_USERS, len(self.degree)))
            key = self._pairs(rng, user)
            hundredth = rng.integers(100, size=len(key))
            label = np.select([hundredth == 0, hundredth == 1], [1, 2])
            yield 0, {"user": key // self.num_items, "item": key % self.num_items, "x_label": label}

    def _pairs(self, rng: np.random.Generator, user: np.ndarray) -> np.ndarray:
        """One item that makes sure each occurs, and others; of a pair that is drawn twice one is kept."""
        degree = self.degree[user]
        item = (self.num_items * rng.random(int(degree.sum())) ** 2).astype(np.int64)
        others = np.repeat(user, degree) * self.num_items + item
        key = np.sort(np.concatenate([user * self.num_items + user % self.num_items, others]))
        return key[np.diff(key, prepend=-1) > 0]


def some_steps(parts: Parts, num_steps: int) -> dict[str, Any]:
    """CPU seconds of what an epoch is made of, and of an evaluation of a sample."""
    optimizers = parts.trainer.make_optimizers(parts.model)
    step = TrainingStep(parts.model, parts.objective, optimizers, parts.trainer.fabric)
    groups = list(optimizers)
    parts.model.train()
    cpu, clock = [], []
    started = time.process_time(), time.perf_counter()
    for graph, batch in itertools.islice(parts.loader.epoch(parts.graph, 0), num_steps + 2):
        step(graph, batch, groups)
        cpu.append(time.process_time() - started[0])
        clock.append(time.perf_counter() - started[1])
        started = time.process_time(), time.perf_counter()
        print(f"step {len(cpu)}: {cpu[-1]:.3g} CPU s, {clock[-1]:.3g} s", flush=True)
    optimizers.rows.catch_up()
    catching_up = time.process_time() - started[0]
    each = median(cpu[2:])  # the first draws the epoch, the second still takes memory from the system
    found = {
        "draw CPU s": cpu[0] - each,
        "CPU ms/step": 1e3 * each,
        "ms/step by the clock": 1e3 * median(clock[2:]),
        "steps": len(parts.loader),
        "catch up CPU s": catching_up,
        "computed CPU h/epoch": (cpu[0] + each * (len(parts.loader) - 1) + catching_up) / 3600,
    }
    started = time.process_time(), 0.0
    parts.evaluator(parts.model, parts.graph, "val", sampled=True)
    return {**found, "1,000 users ranked, CPU s": time.process_time() - started[0]}


@contextmanager
def measured() -> Iterator[Row]:
    """CPU seconds, and the most that was held meanwhile: of the process's own, and of mapped files."""
    found: Row = {"GiB": 0.0, "GiB of files": 0.0}
    done = threading.Event()
    watcher = threading.Thread(target=watch, args=(found, done), daemon=True)
    watcher.start()
    started = time.process_time()
    try:
        yield found
    finally:
        found["CPU s"] = time.process_time() - started
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
