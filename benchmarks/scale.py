"""How time and memory grow with the graph: 1, 10 and 100 times Baby's interactions, made up, full graph and sampled.

    python benchmarks/scale.py [--models NAME ...] [--scales S ...] [--loaders NAME ...] [--json FILE] [WORD ...]

Every size runs in a process of its own. A sampled epoch would take long at the largest size, so --steps N of either
loader are timed and the epoch is their mean times the number of steps. Words are train.py's.
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

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=["lightgcn"])
    parser.add_argument("--scales", nargs="+", type=float, default=[1.0, 10.0, 100.0])
    parser.add_argument("--loaders", nargs="+", default=["full_graph"], choices=["full_graph", "neighbor"])
    parser.add_argument("--steps", type=int, default=7)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    args, words = parser.parse_known_args()
    if args.one:
        return print(json.dumps(one_size(words, args.steps)))
    rows: list[Row] = []
    for model, loader, scale in itertools.product(args.models, args.loaders, args.scales):
        chosen = [f"model={model}", f"loader={loader}", "dataset=synthetic", f"dataset.scale={scale}", *words]
        found = call([HERE / "scale.py", "--one", "--steps", args.steps, *chosen])
        rows.append({"model": model, "loader": loader, "times Baby": scale, **found})
    report(rows, title="Growth with the graph", command=" ".join(sys.argv), path=args.json)


def one_size(words: list[str], num_steps: int) -> dict[str, Any]:
    """Some steps with the graph that train.py's words describe."""
    from mmgraph.cli.switches import set_switches
    from mmgraph.config.compose import compose_config
    from mmgraph.pipeline.parts import build

    set_switches()
    return some_steps(build(compose_config(words)), num_steps)


def some_steps(parts: Any, num_steps: int) -> dict[str, Any]:
    """Seconds of a step by the clock, the epoch that follows from them, memory of the whole process."""
    import torch

    from mmgraph.pipeline.environment import peak_memory_bytes
    from mmgraph.typing import INTERACTS

    optimizers = parts.trainer.make_optimizers(parts.model)
    parts.model.train()
    with torch.no_grad():
        graph = parts.model.training_graph(parts.graph, 0)
    seconds = []
    started = time.perf_counter()
    for subgraph, batch in itertools.islice(parts.loader.epoch(graph, 0), num_steps):
        losses = parts.objective(parts.model, parts.model(subgraph), batch)
        optimizers.step("main", torch.stack(list(losses.values())).sum(), parts.trainer.fabric)
        seconds.append(time.perf_counter() - started)
        started = time.perf_counter()
    step = median(seconds[1:])  # the first one builds what the others find again
    return {
        "interactions": int(parts.graph[INTERACTS].num_edges),
        "ms/step": 1e3 * step,
        "s/epoch": step * len(parts.loader),
        "MiB": peak_memory_bytes()["cpu"] / 2**20,
    }


if __name__ == "__main__":
    main()
