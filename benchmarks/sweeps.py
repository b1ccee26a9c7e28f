"""What a small run of a sweep costs, by launcher: runs an hour, CPU seconds a run, and what 1,000 runs would take.

    python benchmarks/sweeps.py [--launchers NAME ...] [--runs N N] [--turns N] [--jobs N] [--json FILE] [WORD ...]

Launchers take turns with sweeps of two sizes over seeds; from the difference comes what one run more costs, from the
rest what a sweep costs to start. 1,000 runs are computed from the two, not run. Words are train.py's; by default
MF-BPR on lfm2k for three epochs.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from measuring import Row, report

TRAIN = Path(__file__).parents[1] / "train.py"
SMALL = ["model=mf_bpr", "dataset=lfm2k", "tuned=none", "trainer.max_epochs=3", "trainer.accelerator=cpu"]
MANY = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--launchers", nargs="+", default=["joblib", "forked"])
    parser.add_argument("--runs", nargs=2, type=int, default=[4, 16], help="two sizes of a sweep")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2, help="at a time")
    parser.add_argument("--json", type=Path)
    args, words = parser.parse_known_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    found: dict[tuple[str, int], list[tuple[float, float]]] = {}
    for _ in range(args.turns):
        for launcher in args.launchers:
            for runs in args.runs:
                seconds = sweep(launcher, runs, args.jobs, [*SMALL, *words])
                found.setdefault((launcher, runs), []).append(seconds)
    rows = [row(launcher, args.runs, found) for launcher in args.launchers]
    report(rows, title="Sweeps of small runs", command=" ".join(sys.argv), path=args.json)


def sweep(launcher: str, runs: int, jobs: int, words: list[str]) -> tuple[float, float]:
    """Seconds by the clock and of the processors, with all processes that it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        seeds = ",".join(map(str, range(runs)))
        where = [f"launcher={launcher}", f"hydra.launcher.n_jobs={jobs}", f"hydra.sweep.dir={folder}/sweep"]
        command = [sys.executable, TRAIN, "-m", *words, *where, f"seed={seeds}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - started
        reports = len(list(Path(folder).glob("sweep/*/report.json")))
    assert reports == runs, f"{reports} of {runs} runs came to their end"
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def row(launcher: str, sizes: list[int], found: dict[tuple[str, int], list[tuple[float, float]]]) -> Row:
    clock, clock_to_start = line(sizes, [median(x[0] for x in found[launcher, runs]) for runs in sizes])
    processors, processors_to_start = line(sizes, [median(x[1] for x in found[launcher, runs]) for runs in sizes])
    return {
        "launcher": launcher,
        "to start, s": clock_to_start,
        "a run, s": clock,
        "runs an hour": 3600 / clock,
        "to start, CPU s": processors_to_start,
        "a run, CPU s": processors,
        f"{MANY} runs (computed), h": (clock_to_start + MANY * clock) / 3600,
    }


def line(sizes: list[int], seconds: list[float]) -> tuple[float, float]:
    """What one run more takes, and none."""
    slope = (seconds[1] - seconds[0]) / (sizes[1] - sizes[0])
    return slope, seconds[0] - slope * sizes[0]


if __name__ == "__main__":
    main()
