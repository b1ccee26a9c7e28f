"""A training step of RedND with its contrast over all nodes, alone or in turns with the authors' code.

    python benchmarks/rednd.py [--peer PATH] [--dataset NAME] [--features D D] [--json FILE] [WORD ...]

PATH is a clone of the official repository; its batches and ours have the same files and size. Every turn is a process
of its own, whose memory is its own; the first step of each only warms up. --features 4096 384 draws two modalities of
these sizes in place of the data set's. Words are train.py's; conf/tuned is left out, since it may sample anchors.
"""

import argparse
import json
import os
import sys
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

from epoch import call, configured
from measuring import Row, report
from scale import some_steps

HERE = Path(__file__).parent
ALL_NODES = ("model=rednd", "tuned=none", "loss.terms.align.anchors=all", "loss.terms.align.candidates=all")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", type=Path, help="a clone of the authors' repository")
    parser.add_argument("--dataset", default="baby")
    parser.add_argument("--features", type=int, nargs=2)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    args, words = parser.parse_known_args()
    if args.one:
        return print(json.dumps(one_process(words, args.steps, args.features)))
    ours, theirs = commands(args, words)
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for _ in range(args.turns):
        found["mmgraph"].append(call(ours))
        if args.peer:
            found["authors' code"].append(peer_step(call(theirs)))
    rows = [{"dataset": args.dataset, **row(name, runs, found["mmgraph"])} for name, runs in found.items()]
    title = f"A step of RedND on {args.dataset}, contrast over all nodes"
    report(rows, title=title, command=" ".join(sys.argv), path=args.json)


def commands(args: argparse.Namespace, words: list[str]) -> tuple[list[Any], list[Any]]:
    drawn = ["--features", *args.features] if args.features else []
    ours = [HERE / "rednd.py", "--one", "--steps", args.steps + 1, *drawn]
    ours += [*words, f"dataset={args.dataset}", *ALL_NODES]  # of two words for one key the last holds
    theirs = [HERE / "peer.py", args.peer, "--model", "rednd", "--data-root", os.environ.get("MMGRAPH_DATA", "data")]
    theirs += ["--dataset", args.dataset, "--epochs", args.steps + 1, "--batches", 1, *drawn]
    return ours, theirs


def peer_step(run: dict[str, Any]) -> dict[str, Any]:
    return {"ms/step": 1e3 * median(run["train"][1:]), "MiB": run["mebibytes"]}


def one_process(words: list[str], num_steps: int, features: list[int] | None) -> dict[str, Any]:
    from mmgraph.cli.switches import set_switches
    from mmgraph.pipeline.parts import build

    with configured(words, features) as cfg:
        set_switches()
        return some_steps(build(cfg), num_steps)


def row(name: str, runs: list[dict[str, Any]], ours: list[dict[str, Any]]) -> Row:
    """Medians over the turns, and how many times ours they are."""
    seconds, mebibytes = (median(run[key] for run in runs) for key in ("ms/step", "MiB"))
    least, smallest = (median(run[key] for run in ours) for key in ("ms/step", "MiB"))
    return {
        "code": name,
        "s/step": seconds / 1e3,
        "peak MiB": mebibytes,
        "times ours, s": seconds / least,
        "times ours, MiB": mebibytes / smallest,
    }


if __name__ == "__main__":
    main()
