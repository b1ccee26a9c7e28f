"""What a process holds in a step where processes divide the graph, what it receives, and how long the step takes.

    python benchmarks/partition.py [--processes N ...] [--users N] [--items N] [--interactions N] [--steps N]
        [--sampled] [--json FILE] [WORD ...]

LightGCN on a graph that is made up once. Each process reads all of it, as a run does at its start, and keeps its part.
Memory is the most that a process held beyond what it held after its imports: while the first step makes the matrices,
and in the steps after that. Bytes received are compared with the formula of docs/scaling.md. ``--sampled``: steps are
those of loader=neighbor loader.streamed=true, in place of loader=streamed. Words are train.py's.
"""

import argparse
import itertools
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from epoch import call
from measuring import Row, report

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--items", type=int, default=250_000)
    parser.add_argument("--interactions", type=int, default=10_000_000)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--sampled", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--pairs", type=Path, help=argparse.SUPPRESS)
    args, words = parser.parse_known_args()
    if args.pairs:
        return one_process(args, words)
    os.environ["OMP_NUM_THREADS"] = "1"
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        pairs = Path(folder) / "pairs.npy"
        np.save(pairs, random_pairs(args.users, args.items, args.interactions))
        sizes = ["--users", args.users, "--items", args.items, "--steps", args.steps, "--pairs", pairs]
        sizes += ["--sampled"] if args.sampled else []
        for count in args.processes:
            launch = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={count}"]
            found = call([*launch, HERE / "partition.py", *sizes, *words])
            rows.append({"processes": count, **found, "of one": 1.0})
            rows[-1]["of one"] = found["MiB in a step"] / rows[0]["MiB in a step"]
    report(rows, title="A divided graph", command=" ".join(sys.argv), path=args.json)


def random_pairs(users: int, items: int, count: int) -> np.ndarray:
    """Distinct pairs as ``user * items + item``, ascending; of the items few are chosen often."""
    rng = np.random.default_rng(0)
    popularity = rng.lognormal(0.0, 1.0, items).cumsum()
    item = np.searchsorted(popularity, rng.random(count) * popularity[-1])
    return np.unique(rng.integers(users, size=count) * items + np.minimum(item, items - 1))


def one_process(args: argparse.Namespace, words: list[str]) -> None:
    """Some steps; the first process prints the most that any process held, received and took."""
    import torch
    from measuring import forget_peak, peak_mebibytes

    from mmgraph.cli.switches import set_switches
    from mmgraph.processes.divided import all_gather, world
    from mmgraph.processes.partition import traffic
    from mmgraph.training.checkpoint import copy_weights

    set_switches()
    parts = Steps(args, words)
    best: dict[str, Any] = {}  # as a run keeps the best weights so far
    peaks: list[float] = []
    seconds: list[float] = []
    received: list[int] = []
    batches = iter(itertools.islice(parts.loader.epoch(parts.graph, 0), args.steps))
    for _ in range(args.steps):
        forget_peak()
        traffic.clear()
        started = time.perf_counter()
        graph, batch = next(batches)  # what is sampled is sampled here
        losses = parts.step(graph, batch, ["main"])
        seconds.append(time.perf_counter() - started)
        received.append(sum(traffic.values()) - traffic["draws"])
        peaks.append(peak_mebibytes() - parts.after_imports)
        best |= copy_weights(parts.step.model)
    numbers = torch.tensor([peaks[0], max(peaks[1:]), received[-1], median(seconds[1:])], dtype=torch.float64)
    most = torch.stack(all_gather(numbers)).max(0).values.tolist() if world()[1] > 1 else numbers.tolist()
    if world()[0] == 0:
        formula = parts.formula(graph, batch)
        found = {
            "interactions": parts.num_pairs,
            "MiB in the first step": most[0],
            "MiB in a step": most[1],
            "MiB received": most[2] / 2**20,
            "MiB by the formula": formula / 2**20,
            "s/step": most[3],
            "loss": float(sum(losses.values())),
        }
        print(json.dumps(found))


class Steps:
    """What a training has when its first step begins."""

    def __init__(self, args: argparse.Namespace, words: list[str]) -> None:
        import torch
        from measuring import held_mebibytes
        from torch_geometric.data import HeteroData

        from mmgraph.config.compose import compose_config
        from mmgraph.config.instantiate import instantiate
        from mmgraph.training import seed_everything
        from mmgraph.training.dividing import rows_of
        from mmgraph.training.step import TrainingStep
        from mmgraph.transforms import own_part, set_interactions

        loader = ["loader=neighbor", "loader.streamed=true"] if args.sampled else ["loader=streamed"]
        cfg = compose_config(["model=lightgcn", "trainer.accelerator=cpu", "trainer.partition=true", *loader, *words])
        trainer = instantiate(cfg.trainer, "trainer")
        self.after_imports = held_mebibytes()
        graph = HeteroData(user={"num_nodes": args.users}, item={"num_nodes": args.items})
        pairs = torch.from_numpy(np.load(args.pairs))
        set_interactions(graph, torch.stack([pairs // args.items, pairs % args.items]), dtype=torch.float32)
        self.num_pairs = pairs.numel()
        del pairs
        seed_everything(0, 0)
        model = instantiate(cfg.model, "model")(graph)
        self.loader = instantiate(cfg.loader, "loader")(graph, model=model)
        self.num_layers = model.propagation.num_layers
        self.dim = model.user_table.size(1)
        if trainer.divides:
            graph = own_part(graph)
            self.loader = self.loader.of_users(rows_of(graph)["user"])
        self.graph = graph
        held = trainer._held(model, graph)
        objective = instantiate(cfg.loss, "loss")
        self.step = TrainingStep(model, objective, trainer.make_optimizers(model), trainer.fabric, held)
        model.train()

    def formula(self, graph: Any, batch: Any) -> float:
        """Bytes that a process receives in a step: a batch's rows, and those that make them.

        In each round, forth and back, others' rows; or of a sample, of each node that others have, its number twice,
        its row, its gradient, its degree and two numbers of neighbours; and of each edge that ends there, its source.
        """
        from mmgraph.loader.own_nodes import number_nodes
        from mmgraph.processes.divided import world
        from mmgraph.training.divided_reading import is_sample

        others = 1 - 1 / world()[1]
        read = sum(rows.numel() for rows in number_nodes(batch)[0].values())
        rows = others * 4 * self.dim * 2 * VIEWS * read
        if is_sample(graph):
            edges = sum(store.num_edges for store in graph.edge_stores)
            return rows + others * (graph.num_nodes * (2 * 4 * self.dim + 4 + 2 * 8 + 2 * 8) + 8 * edges)
        nodes = sum(int(self.step.model.num_users if side == "user" else self.step.model.num_items) for side in SIDES)
        return rows + others * 4 * self.dim * 2 * self.num_layers * nodes


SIDES = ("user", "item")
VIEWS = 2
"""The final vectors and layer 0."""


if __name__ == "__main__":
    main()
