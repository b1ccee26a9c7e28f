"""What several processes of one thread each gain over one: contrasts, steps and evaluations.

    python benchmarks/processes.py dataset=baby [WORD ...] [--models NAME ...] [--processes N] [--turns N] [--json FILE]

One process and N take turns; each job times the model's contrast terms (value and gradient), a whole step of the same
batch, and an evaluation. Further words are train.py's. Needs as many free cores as processes.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from epoch import call
from measuring import Row, report, take_turns

HERE = Path(__file__).parent
PARTS = ("contrast", "step", "evaluation")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=["rednd", "lightgcn"])
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    args, words = parser.parse_known_args()
    if args.one:
        return one_job(words, args.repeats)
    os.environ["OMP_NUM_THREADS"] = "1"
    rows: list[Row] = []
    for model in args.models:
        rows += compare(model, words, args)
    report(rows, title=f"{args.processes} processes of a thread each", command=" ".join(sys.argv), path=args.json)


def compare(model: str, words: list[str], args: argparse.Namespace) -> list[Row]:
    """A row for each part that the model has: medians over all turns."""
    found: dict[int, list[dict[str, Any]]] = {1: [], args.processes: []}
    for _ in range(args.turns):
        for count, jobs in found.items():
            launch = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={count}"]
            chosen = ["trainer.accelerator=cpu", f"model={model}", *words]
            jobs.append(call([*launch, HERE / "processes.py", "--one", "--repeats", args.repeats, *chosen]))
    one, several = (
        {key: median(job[key] for job in jobs) for key in jobs[0]} for jobs in (found[1], found[args.processes])
    )
    return [
        {
            "model": model,
            "part": part,
            "1 process, ms": 1e3 * one[part],
            f"{args.processes} processes, ms": 1e3 * several[part],
            "times as fast": one[part] / several[part],
            "1 process, MiB": one["mebibytes"],
            "MiB each": several["mebibytes"],
        }
        for part in PARTS
        if part in one
    ]


def one_job(words: list[str], repeats: int) -> None:
    """Prints what the first of the processes measured; it waits for the others wherever they work together."""
    from mmgraph.cli.switches import set_switches
    from mmgraph.config.compose import compose_config
    from mmgraph.pipeline.environment import peak_memory_bytes
    from mmgraph.pipeline.parts import build
    from mmgraph.processes.divided import world

    set_switches()
    seconds = take_turns(candidates(build(compose_config(words))), repeats=repeats, warmup=2)
    if world()[0] == 0:
        mebibytes = peak_memory_bytes()["cpu"] / 2**20
        print(json.dumps({name: median(values) for name, values in seconds.items()} | {"mebibytes": mebibytes}))


def candidates(parts: Any) -> dict[str, Callable[[], Any]]:
    """What is timed of a model, on its first batch."""
    import torch
    from step import Step

    from mmgraph.losses import InfoNCE

    model = parts.model
    objective = parts.objective
    fabric = parts.trainer.fabric
    first = Step(parts)
    subgraph = first.subgraph
    batch = first.batch
    optimizers = first.optimizers
    encoding = model(subgraph)
    contrasts = [term for term in objective.terms.values() if isinstance(term, InfoNCE)]

    def step() -> None:
        encoding = model(subgraph)
        for group in optimizers:
            losses = objective(model, encoding, batch, group=group)
            if losses:
                optimizers.step(group, torch.stack(list(losses.values())).sum(), fabric)

    def evaluation() -> None:
        with torch.no_grad():
            parts.evaluator(model, model.inference_graph(parts.graph), "val")

    found: dict[str, Callable[[], Any]] = {"step": step, "evaluation": evaluation}
    if contrasts:
        found["contrast"] = lambda: [term(model, encoding, batch) for term in contrasts]
    return found


if __name__ == "__main__":
    main()
