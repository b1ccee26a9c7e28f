"""MF-BPR beside implicit's BPR: time of an epoch in turns, and the validation recall that each reaches.

    python benchmarks/bpr.py [--dataset NAME] [--epochs N] [--json FILE] [WORD ...]

Both have vectors of the same size, draw as many samples an epoch as there are train interactions, and use all cores;
implicit (PyPI: implicit) takes a step a sample without locks, mmgraph a step a batch with Adam. WORDs are those of
train.py. Both are ranked by the same evaluator after the same numbers of epochs; implicit's learning rate and L2 are
the best of a small grid by validation, ours those of conf/tuned/. The test split is not looked at.
"""

import argparse
import itertools
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from measuring import Row, report

from mmgraph.cli.switches import set_switches
from mmgraph.config.compose import compose_config
from mmgraph.models import MFBPR
from mmgraph.nn import interaction_csr
from mmgraph.pipeline.parts import Parts, build
from mmgraph.typing import INTERACTS

METRIC = "recall@20"
RATES = (0.01, 0.03, 0.1)
L2 = (0.0003, 0.001, 0.003, 0.01)
STEPS = 20
"""How often implicit's training is looked at."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", default="baby")
    parser.add_argument("--epochs", type=int, default=200, help="at most, for both")
    parser.add_argument("--json", type=Path)
    args, words = parser.parse_known_args()
    cfg = compose_config(["model=mf_bpr", f"dataset={args.dataset}", f"trainer.max_epochs={args.epochs}", *words])
    set_switches()
    parts = build(cfg)
    fit = parts.trainer.fit(parts.model, parts.objective, parts.graph, parts.loader, evaluator=parts.evaluator)
    settings = itertools.product(RATES, L2)
    theirs = max((theirs_at(parts, args.epochs, rate, l2) for rate, l2 in settings), key=lambda row: row[METRIC])
    ours: Row = {
        "dataset": args.dataset,
        "code": "mmgraph",
        "settings": " ".join(words) or "conf/tuned",
        METRIC: fit.val[METRIC],
        "epochs": len(fit.history),
        "s/epoch": median(row["seconds"] for row in fit.history),
    }
    rows = [{**row, "times implicit's": row["s/epoch"] / theirs["s/epoch"]} for row in (ours, theirs)]
    report(rows, title="MF-BPR and implicit's BPR", command=" ".join(sys.argv), path=args.json)


def theirs_at(parts: Parts, epochs: int, rate: float, l2: float) -> Row:
    """The best validation recall of implicit's BPR, of those that were looked at, and what an epoch takes."""
    found = []
    seconds: list[float] = []
    for vectors in trained(parts, epochs, rate, l2, seconds):
        model = MFBPR(parts.graph, emb_dim=vectors["user"].size(1))
        with torch.no_grad():
            model.user_table.copy_(vectors["user"])
            model.item_table.copy_(vectors["item"])
        found.append(parts.evaluator(model, parts.graph, "val").metrics[METRIC])
    return {
        "dataset": parts.dataset.name,
        "code": "implicit",
        "settings": f"learning rate {rate}, L2 {l2}",
        METRIC: max(found),
        "epochs": (found.index(max(found)) + 1) * (epochs // STEPS),
        "s/epoch": median(seconds),
    }


def trained(parts: Parts, epochs: int, rate: float, l2: float, seconds: list[float]) -> Iterator[dict[str, Any]]:
    """Its vectors after each of ``STEPS`` equal parts of the epochs; what an epoch of them took goes to ``seconds``."""
    from implicit.bpr import BayesianPersonalizedRanking  # which nothing else needs

    theirs = BayesianPersonalizedRanking(
        factors=parts.model.user_table.size(1),
        learning_rate=rate,
        regularization=l2,
        iterations=epochs // STEPS,
        num_threads=0,
        random_state=0,
    )
    edges = parts.graph[INTERACTS].edge_index
    csr = sp.csr_matrix(interaction_csr(edges, parts.model.num_users, parts.model.num_items))
    for _ in range(STEPS):
        started = time.perf_counter()
        theirs.fit(csr, show_progress=False)  # goes on with the vectors that it has
        seconds.append((time.perf_counter() - started) / theirs.iterations)
        user, item = (torch.from_numpy(np.asarray(x)) for x in (theirs.user_factors, theirs.item_factors))
        # Its last factor is the item's bias, beside a user's 1.
        yield {"user": user, "item": item}


if __name__ == "__main__":
    main()
