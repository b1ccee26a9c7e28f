"""How time and memory grow with the graph: 1, 10 and 100 times Baby's interactions, made up, full graph and sampled.

    python benchmarks/scale.py [--models NAME ...] [--scales S ...] [--loaders NAME ...] [--each WORD ...]
        [--before CHECKOUT] [--turns N] [--json FILE] [WORD ...]

Every size runs in a process of its own. A sampled epoch would take long at the largest size, so --steps N of either
loader are timed and the epoch is their median times the number of steps, and the catching up of lazy rows at its end.
``ms/draw`` is the loader's share of a step. --each compares words, such as trainer.lazy_rows=false
trainer.lazy_rows=auto: they take turns, and ``times as fast`` is the first one's step over each one's. --before
compares with another commit, whose own benchmarks/scale.py runs it. Words are train.py's.
"""

import argparse
import itertools
import json
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from epoch import call
from measuring import Row, report

ROOT = Path(__file__).resolve().parents[1]
COLUMNS = ("interactions", "ms/draw", "ms/step", "s/epoch", "MiB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=["lightgcn"])
    parser.add_argument("--scales", nargs="+", type=float, default=[1.0, 10.0, 100.0])
    parser.add_argument("--loaders", nargs="+", default=["full_graph"], choices=["full_graph", "neighbor"])
    parser.add_argument("--each", nargs="+", default=[], metavar="WORD")
    parser.add_argument("--before", type=Path, metavar="CHECKOUT", help="an earlier commit of mmgraph")
    parser.add_argument("--turns", type=int, default=1)
    parser.add_argument("--steps", type=int, default=7)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    args, words = parser.parse_known_args()
    if args.one:
        return print(json.dumps(one_size(words, args.steps)))
    rows: list[Row] = []
    for model, loader, scale in itertools.product(args.models, args.loaders, args.scales):
        size = {"model": model, "loader": loader, "times Baby": scale}
        chosen = [f"model={model}", f"loader={loader}", "dataset=synthetic", f"dataset.scale={scale}", *words]
        rows += [{**size, **row} for row in turns(chosen, args)]
    report(rows, title="Growth with the graph", command=" ".join(sys.argv), path=args.json)


def turns(words: list[str], args: argparse.Namespace) -> list[Row]:
    """One row, or one for each of what is compared: medians over the turns."""
    compared = variants(words, args)
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in compared}
    for _ in range(args.turns):
        for name, (checkout, chosen) in compared.items():
            script = checkout / "benchmarks" / "scale.py"
            found[name].append(call([script, "--one", "--steps", args.steps, *chosen], checkout))
    rows = {name: {key: median_of(runs, key) for key in COLUMNS} for name, runs in found.items()}
    if not (args.before or args.each):
        return list(rows.values())
    first = next(iter(rows.values()))["ms/step"]
    return [{"with": name, **row, "times as fast": first / row["ms/step"]} for name, row in rows.items()]


def variants(words: list[str], args: argparse.Namespace) -> dict[str, tuple[Path, list[str]]]:
    """What is compared, by name: whose code runs, and its words; one without a name if nothing is."""
    commits = {"before": (args.before, words), "now": (ROOT, words)} if args.before else {}
    return commits | {word: (ROOT, [*words, word]) for word in args.each} or {"": (ROOT, words)}


def median_of(runs: list[dict[str, Any]], key: str) -> float | None:
    """None where another commit does not measure it."""
    return median(run[key] for run in runs) if key in runs[0] else None


def one_size(words: list[str], num_steps: int) -> dict[str, Any]:
    """Some steps with the graph that train.py's words describe."""
    from mmgraph.cli.switches import set_switches
    from mmgraph.config.compose import compose_config
    from mmgraph.pipeline.parts import build

    set_switches()
    return some_steps(build(compose_config(words)), num_steps)


def some_steps(parts: Any, num_steps: int) -> dict[str, Any]:
    """Milliseconds of a step by the clock, the epoch that follows from them, memory of the whole process."""
    import torch

    from mmgraph.pipeline.environment import peak_memory_bytes
    from mmgraph.training.step import TrainingStep
    from mmgraph.typing import INTERACTS

    trainer = parts.trainer
    step = TrainingStep(parts.model, parts.objective, trainer.make_optimizers(parts.model), trainer.fabric)
    parts.model.train()
    with torch.no_grad():
        graph = parts.model.training_graph(parts.graph, 0)
    drawing = []
    whole = []
    started = time.perf_counter()
    for subgraph, batch in itertools.islice(parts.loader.epoch(graph, 0), num_steps):
        drawing.append(time.perf_counter() - started)
        step(subgraph, batch, ["main"])
        if torch.accelerator.is_available():
            torch.accelerator.synchronize()
        whole.append(time.perf_counter() - started)
        started = time.perf_counter()
    step.optimizers.rows.catch_up()
    caught_up = time.perf_counter() - started
    # The first step builds what the others find again, and the first draw is that of an epoch's negatives.
    one = median(whole[1:])
    return {
        "interactions": int(parts.graph[INTERACTS].num_edges),
        "ms/draw": 1e3 * median(drawing[1:]),
        "ms/step": 1e3 * one,
        "s/epoch": one * len(parts.loader) + caught_up,
        "MiB": peak_memory_bytes()["cpu"] / 2**20,
    }


if __name__ == "__main__":
    main()
