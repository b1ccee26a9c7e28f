"""Runs on a divided graph, as one of several processes; test_partition.py starts them by torchrun.

``-m tests.training.partitioned_processes train FOLDER`` trains, ``... go_on FOLDER NAME...`` goes on with runs in it;
each process writes what it saw to ``FOLDER/<processes>.<rank>.pt``.
"""

import sys

from mmgraph.processes.partition import traffic
from mmgraph.training import divide, seed_everything
from mmgraph.training.batch_rows import batch_rows
from mmgraph.training.dividing import rows_of
from tests.contract.conftest import small_parts
from tests.training.sharded_processes import EPOCHS, SIZES, fitted, main

SETTINGS = {
    "mf_bpr": ["mf_bpr"],
    "lightgcn": ["lightgcn"],
    "four layers, clipped": ["lightgcn", "model.num_layers=4", "trainer.clip=1e-2", "loader.num_negatives=3"],
    "triplets of the whole": ["lightgcn", "loader=full_graph"],
    "edges left out by chance": ["layergcn", "model.dropout=0.3"],
    "popular edges left out, an item graph, trained features": ["freedom"],
    "given features": ["vbpr"],
    "sampled": ["lightgcn", "loader=neighbor", "loader.num_neighbors=-1"],
    "sampled, triplets of no process": ["mf_bpr", "loader=neighbor", "loader.streamed=true"],
    "sampled, clipped": ["vbpr", "loader=neighbor", "trainer.clip=1e-2", "loader.num_negatives=3"],
    "sampled, all own rows moved": ["lightgcn", "loader=neighbor", "loader.num_neighbors=-1", "trainer.lazy_rows=false"],
    "sampled, edges left out by chance": ["layergcn", "loader=neighbor", "loader.num_neighbors=-1", "model.dropout=0.3"],
    "sampled, an item graph": ["freedom", "loader=neighbor", "loader.num_neighbors=-1"],
}


def outcome(name, *words, epochs=EPOCHS, run_dir=None):
    """The history's losses and metrics, this process's weights, the bytes it held, and what it received in a step."""
    settings = [f"trainer.max_epochs={epochs}", "trainer.optimizer.lr=1e-2", "trainer.partition=true"]
    loader = [] if any(word.startswith("loader=") for word in words) else ["loader=streamed"]
    parts = small_parts(name, *SIZES, *settings, *loader, *words, modalities="{image: 8, text: 4}")
    of_fit = parts.graph, parts.loader, parts.evaluator
    if parts.trainer.divides:
        of_fit = divide(parts.model, parts.objective, *of_fit)
    graph, loader, evaluator = of_fit
    learned = fitted(parts, graph, loader, evaluator, run_dir)
    found = evaluator(parts.model, parts.model.inference_graph(graph), "test")
    return {
        **learned,
        "test": found.metrics,
        "users": found.user,
        "received": None if not parts.trainer.divides else received(parts, graph, loader),
    }


def received(parts, graph, loader):
    """Bytes that come in while a batch's encoding is made and its gradient goes back."""
    seed_everything(0, 0)  # in all processes alike
    _, batch = next(loader.epoch(graph, 0))
    parts.model(graph)  # makes what is made once
    traffic.clear()
    encoding, own = batch_rows(parts.model(graph), batch, rows_of(graph))
    sum(parts.objective(parts.model, encoding, own).values()).backward()
    nodes = {side: x.size(0) for side, x in (("user", encoding.user), ("item", encoding.item))}
    return {**traffic, "nodes": sum(nodes.values())}


if __name__ == "__main__":
    main(outcome, SETTINGS, *sys.argv[1:])
