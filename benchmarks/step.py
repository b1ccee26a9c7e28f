"""Where a training step's time goes, part by part, beside the floor of this machine.

    python benchmarks/step.py --models lightgcn vbpr --dataset baby [--json FILE] [WORD ...]

WORDs are those of train.py (loader.batch_size=4096). Floors are measured in the same run: dense products at the rate
of a large one, what sparse products and the optimiser must move at the rate of a large copy; element-wise work counts
nothing.
"""

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import torch
from measuring import Floors, Row, report, take_turns
from work import Work

from mmgraph.cli.switches import set_switches
from mmgraph.config.compose import compose_config
from mmgraph.pipeline.parts import Parts, build

ADAM_BYTES = 28  # each parameter: value, gradient, two moments read; value and moments written


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", required=True)
    parser.add_argument("--dataset", default="baby")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json", type=Path)
    parser.add_argument("words", nargs="*")
    args = parser.parse_args()
    rows: list[Row] = []
    for model in args.models:
        cfg = compose_config([f"model={model}", f"dataset={args.dataset}", *args.words])
        set_switches()
        rows += [{"dataset": args.dataset, **row} for row in measure(build(cfg), model, args.repeats)]
    report(rows, title=f"A training step on {args.dataset}", command=" ".join(sys.argv), path=args.json)


class Step:
    """One step taken apart; each part leaves behind what the next one needs."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.parts.model.train()
        with torch.no_grad():
            self.graph = parts.model.training_graph(parts.graph, 0)
        self.optimizers = parts.trainer.make_optimizers(parts.model)
        self.subgraph, self.batch = next(iter(parts.loader.epoch(self.graph, 0)))

    def whole_epoch_of_samples(self) -> None:
        for _ in self.parts.loader.epoch(self.graph, 0):
            pass

    def forward(self) -> None:
        self.encoding = self.parts.model(self.subgraph)
        self.losses: dict[str, torch.Tensor] = {}

    def loss(self, name: str) -> None:
        term = self.parts.objective.terms[name]
        self.losses[name] = term.weight * term(self.parts.model, self.encoding, self.batch)

    def backward(self) -> None:
        self.parts.model.zero_grad()
        torch.stack(list(self.losses.values())).sum().backward()

    def optimizer(self) -> None:
        for optimizer in self.optimizers.optimizers.values():
            optimizer.step()

    def sequence(self) -> dict[str, Callable[[], None]]:
        terms = {f"loss {name}": partial(self.loss, name) for name in self.parts.objective.terms}
        return {"forward": self.forward, **terms, "backward": self.backward, "optimiser": self.optimizer}


def measure(parts: Parts, model: str, repeats: int) -> list[Row]:
    """One row a part, then the whole."""
    step = Step(parts)
    floors = Floors(parts.trainer.fabric.device)
    sequence = step.sequence()
    needs = {"sampling": (0.0, 0.0)}
    for name, part in sequence.items():
        with Work() as work:
            part()
        needs[name] = (work.operations, work.moved)
    num_parameters = sum(p.numel() for p in parts.model.parameters() if p.grad is not None)
    needs["optimiser"] = (0.0, float(ADAM_BYTES * num_parameters))
    epochs = take_turns({"sampling": step.whole_epoch_of_samples}, repeats=3, warmup=1)
    seconds = {"sampling": median(epochs["sampling"]) / len(parts.loader)}
    seconds |= {name: median(values) for name, values in take_turns(sequence, repeats=repeats).items()}
    seconds["step"] = sum(seconds.values())
    needs["step"] = (sum(operations for operations, _ in needs.values()), sum(moved for _, moved in needs.values()))
    return [_row(model, name, seconds[name], needs[name], floors, seconds["step"]) for name in seconds]


def _row(model: str, part: str, seconds: float, needs: tuple[float, float], floors: Floors, whole: float) -> Row:
    operations, moved = needs
    floor = floors.seconds(operations=operations, moved=moved) or None
    return {
        "model": model,
        "part": part,
        "ms": 1e3 * seconds,
        "share": f"{seconds / whole:.1%}",
        "dense GFLOP": operations / 1e9 or None,
        "compulsory MB": moved / 1e6 or None,
        "floor ms": 1e3 * floor if floor else None,
        "times the floor": seconds / floor if floor else None,
    }


if __name__ == "__main__":
    main()
