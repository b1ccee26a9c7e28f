"""Epochs, evaluations, start-up and memory of models, alone or in turns with a clone of MMRec.

    python benchmarks/epoch.py model=lightgcn,vbpr dataset=baby [--peer PATH] [--epochs N] [--turns N] [--json FILE]

Every model runs in a process of its own, so that memory is its own; the peer takes its turn right after ours, on the
same files with the same batch size. --features 4096 384 draws two modalities of these sizes in place of the data set's.
MMRec ranks validation and test each epoch and so counts both; ours ranks validation. Further words are train.py's.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from measuring import Row, report
from peer import lay_out

HERE = Path(__file__).parent
UNITS = {"train": "s/epoch", "evaluation": "s/evaluation", "ready": "s to start", "mebibytes": "MiB"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", type=Path, help="a clone of MMRec")
    parser.add_argument("--features", type=int, nargs=2)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    args, words = parser.parse_known_args()
    if args.one:
        return print(json.dumps(one_run(words, args.epochs, args.features)))
    named = dict(word.split("=", 1) for word in words if word.startswith(("model=", "dataset=")))
    others = [word for word in words if not word.startswith(("model=", "dataset="))]
    rows = []
    for model in named["model"].split(","):
        for dataset in named["dataset"].split(","):
            rows.append(compare(model, dataset, others, args))
    report(rows, title="Epochs", command=" ".join(sys.argv), path=args.json)


def compare(model: str, dataset: str, words: list[str], args: argparse.Namespace) -> Row:
    """Medians over all epochs of all turns."""
    root = os.environ["MMGRAPH_DATA"]
    drawn = ["--features", *map(str, args.features)] if args.features else []
    epochs = ["--epochs", str(args.epochs), *drawn]
    ours = [HERE / "epoch.py", "--one", *epochs, f"model={model}", f"dataset={dataset}", *words]
    theirs = [HERE / "peer.py", args.peer, *epochs, "--model", model, "--dataset", dataset, "--data-root", root]
    found: dict[str, list[dict[str, Any]]] = {"ours": [], "peer": []}
    for _ in range(args.turns):
        found["ours"].append(call(ours))
        if args.peer:
            found["peer"].append(call(theirs))
    sizes = ", ".join(f"{size}-d" for size in args.features or ()) or "the data set's"
    row: Row = {"model": model, "dataset": dataset, "features": sizes}
    for key, unit in UNITS.items():
        mine, other = (overall(found[side], key) for side in ("ours", "peer"))
        row |= {unit: mine, f"peer {unit}": other, f"peer / ours, {unit}": other and mine and other / mine}
    return row


def call(words: list[Any], checkout: Path | None = None) -> dict[str, Any]:
    """The line of JSON that a script prints last, run with the mmgraph of another checkout if one is given."""
    sources = [*([] if checkout is None else [str(checkout / "src")]), os.environ.get("PYTHONPATH", "")]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sources))}
    command = [sys.executable, "-W", "ignore", *map(str, words)]
    output = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=env)
    return json.loads(output.stdout.decode().splitlines()[-1])


def overall(runs: list[dict[str, Any]], key: str) -> float | None:
    values = [value for run in runs for value in (run[key] if isinstance(run[key], list) else [run[key]])]
    return median(values) if values else None


@contextmanager
def configured(words: Sequence[str], features: Sequence[int] | None) -> Iterator[Any]:
    """The configuration that train.py's words give; with sizes of features, on a copy of the data set that has such."""
    from mmgraph.config.compose import compose_config

    cfg = compose_config(words)
    with tempfile.TemporaryDirectory() as folder:
        if features is not None:
            root = Path(cfg.dataset.root)
            lay_out(root, Path(folder) / root.name, features)
            cfg.dataset.root = f"{folder}/{root.name}"
        yield cfg


def one_run(words: list[str], epochs: int, features: list[int] | None) -> dict[str, Any]:
    """What one of our processes takes, by the trainer that train.py uses."""
    started = time.perf_counter()
    from mmgraph.cli.switches import set_switches
    from mmgraph.pipeline.environment import peak_memory_bytes
    from mmgraph.pipeline.parts import build

    with configured([*words, f"trainer.max_epochs={epochs}"], features) as cfg:
        set_switches()
        parts = build(cfg)
        ready = time.perf_counter() - started
        fit = parts.trainer.fit(parts.model, parts.objective, parts.graph, parts.loader, evaluator=parts.evaluator)
    mebibytes = peak_memory_bytes()["cpu"] / 2**20
    train, evaluation = ([row[key] for row in fit.history] for key in ("seconds", "evaluation_seconds"))
    return {"ready": ready, "train": train, "evaluation": evaluation, "mebibytes": mebibytes}


if __name__ == "__main__":
    main()
