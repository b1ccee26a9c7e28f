"""An evaluation beside the least that any full ranking costs: a matrix product and a top-k, nothing masked or counted.

    python benchmarks/ranking.py [--models NAME ...] [--dataset NAME] [--json FILE] [WORD ...]

Same users, same chunks, same k. The evaluation also encodes the graph, which has a row of its own. Words are
train.py's.
"""

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import torch
from measuring import Row, report, take_turns
from torch import Tensor

from mmgraph.cli.switches import set_switches
from mmgraph.config.compose import compose_config
from mmgraph.pipeline.parts import Parts, build
from mmgraph.pipeline.run import evaluate
from mmgraph.typing import INTERACTS, PARTS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=["lightgcn"])
    parser.add_argument("--dataset", default="baby")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json", type=Path)
    args, words = parser.parse_known_args()
    rows: list[Row] = []
    for model in args.models:
        set_switches()
        parts = build(compose_config([f"model={model}", f"dataset={args.dataset}", *words]))
        seconds = {name: median(values) for name, values in take_turns(candidates(parts), repeats=args.repeats).items()}
        least = seconds["matmul + top-k"]
        rows += [
            {
                "model": model,
                "dataset": args.dataset,
                "part": name,
                "ms": 1e3 * value,
                "times matmul + top-k": value / least,
            }
            for name, value in seconds.items()
        ]
    title = f"Ranking the validation split of {args.dataset}"
    report(rows, title=title, command=" ".join(sys.argv), path=args.json)


@torch.no_grad()
def candidates(parts: Parts) -> dict[str, Callable[[], object]]:
    """The least, the whole, and what of the whole is not ranking."""
    parts.model.eval()
    encode = torch.no_grad()(lambda: parts.model(parts.model.inference_graph(parts.graph)))
    encoding = encode()
    ranked = parts.dataset[0][INTERACTS][PARTS["val"]][0].unique()
    chunks = encoding.user[ranked].split(parts.evaluator.chunk_size)
    return {
        "matmul + top-k": partial(product_and_top, chunks, encoding.item, parts.evaluator.ks[-1]),
        "evaluation": partial(evaluate, parts, "val"),
        "of which encoding": encode,
    }


def product_and_top(chunks: tuple[Tensor, ...], item: Tensor, k: int) -> None:
    for chunk in chunks:
        (chunk @ item.T).topk(k)


if __name__ == "__main__":
    main()
