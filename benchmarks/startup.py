"""How long until mmgraph is imported, train.py answers, a run has taken its first step: processes by the wall's clock.

    python benchmarks/startup.py [--model NAME] [--dataset NAME] [--turns N] [--json FILE] [WORD ...]

Words are train.py's. The run is train.py's own and is cut off once an optimiser has stepped: first with nothing in the
cache of processed data sets, then with what that left there. Byte code is kept between the turns.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="rednd")
    parser.add_argument("--dataset", default="lfm2k")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    args, words = parser.parse_known_args()
    if args.one:
        until_first_step(words)
    from measuring import Row, report  # PyG comes with it: the process that is measured imports it as train.py does

    seconds = take_turns([f"model={args.model}", f"dataset={args.dataset}", *words], args.turns)
    rows: list[Row] = [
        {"model": args.model, "dataset": args.dataset, "until": name, "s": median(values)}
        for name, values in seconds.items()
    ]
    report(rows, title="Start-up", command=" ".join(sys.argv), path=args.json)


def take_turns(words: list[str], num_turns: int) -> dict[str, list[float]]:
    """The first turn only warms up: it may read the packages from the disk."""
    seconds: dict[str, list[float]] = {}
    for turn in range(num_turns + 1):
        with tempfile.TemporaryDirectory() as folder:
            run = [HERE / "startup.py", "--one", *words]
            found = {
                "import mmgraph": clock(["-c", "import mmgraph"], folder),
                "train.py --help": clock([HERE.parent / "train.py", "--help"], folder),
                "first step, data set not cached": clock([*run, f"hydra.run.dir={folder}/first"], folder),
                "first step, data set cached": clock([*run, f"hydra.run.dir={folder}/second"], folder),
            }
        for name, value in found.items():
            seconds.setdefault(name, []).extend([value] if turn else [])
    return seconds


def clock(words: list[Any], cache: str) -> float:
    started = time.perf_counter()
    command = [sys.executable, "-W", "ignore", *map(str, words)]
    env = {**os.environ, "MMGRAPH_CACHE": cache, "PYTHONDONTWRITEBYTECODE": ""}
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=env)
    return time.perf_counter() - started


def until_first_step(words: list[str]) -> None:
    """Is train.py but for its end."""
    from mmgraph.cli.switches import set_switches
    from mmgraph.cli.train import main as train

    set_switches()
    from torch.optim.optimizer import register_optimizer_step_post_hook

    register_optimizer_step_post_hook(lambda *_: os._exit(0))
    train(words)
    raise SystemExit(f"{' '.join(words)} takes no step: choose a model that trains by steps")


if __name__ == "__main__":
    main()
