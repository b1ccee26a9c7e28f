"""Runs on a divided graph, as one of several processes; test_partition.py starts them by torchrun.

``-m tests.training.partitioned_processes train FOLDER`` trains, ``... go_on FOLDER NAME...`` goes on with runs in it;
each process writes what it saw to ``FOLDER/<processes>.<rank>.pt``.
"""

import sys
from types import SimpleNamespace

from mmgraph.loader import DividedSampledLoader
from mmgraph.loader.own_nodes import number_nodes
from mmgraph.nn import tables_read_by
from mmgraph.processes.partition import traffic
from mmgraph.training import divide, seed_everything
from mmgraph.training.batch_rows import batch_rows
from mmgraph.training.divided_reading import DividedReading
from mmgraph.training.dividing import rows_of
from mmgraph.training.lazy_rows import LazyRows
from tests.contract.conftest import small_parts
from tests.training.sharded_processes import EPOCHS, SIZES, fitted, main

SAMPLED = ["loader=neighbor", "loader.num_neighbors=-1"]
SETTINGS = {
    "mf_bpr": ["mf_bpr"],
    "lightgcn": ["lightgcn"],
    "four layers, clipped": ["lightgcn", "model.num_layers=4", "trainer.clip=1e-2", "loader.num_negatives=3"],
    "triplets of the whole": ["lightgcn", "loader=full_graph"],
    "edges left out by chance": ["layergcn", "model.dropout=0.3"],
    "popular edges left out, an item graph, trained features": ["freedom"],
    "given features": ["vbpr"],
    "sampled": ["lightgcn", *SAMPLED],
    "sampled, triplets of no process": ["mf_bpr", "loader=neighbor", "loader.streamed=true"],
    "sampled, clipped": ["vbpr", "loader=neighbor", "trainer.clip=1e-2", "loader.num_negatives=3"],
    "sampled, an item graph, all own rows moved": ["freedom", *SAMPLED, "trainer.lazy_rows=false"],
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
    if isinstance(loader, DividedSampledLoader):
        return received_for_sample(parts, graph, loader)
    _, batch = next(loader.epoch(graph, 0))
    parts.model(graph)  # makes what is made once
    traffic.clear()
    encoding, own = batch_rows(parts.model(graph), batch, rows_of(graph))
    sum(parts.objective(parts.model, encoding, own).values()).backward()
    nodes = {side: x.size(0) for side, x in (("user", encoding.user), ("item", encoding.item))}
    return {**traffic, "nodes": sum(nodes.values())}


def received_for_sample(parts, graph, loader):
    """Bytes that come in for a sampled step, and how many nodes of others and edges it has."""
    steps = loader.epoch(graph, 0)
    next(steps)  # draws the triplets of an epoch
    traffic.clear()
    sample, batch = next(steps)
    rows = rows_of(graph)
    with tables_read_by(DividedReading(SimpleNamespace(parameter=lambda table: None), LazyRows({}, False), sample)):
        encoding, own = batch_rows(parts.model(sample), batch, rows, sampled=True)
    sum(parts.objective(parts.model, encoding, own).values()).backward()
    others = {side: ~rows[side].is_own(sample[side].n_id) for side in rows}
    into = [others[kind[2]][store.edge_index[1]] for kind, store in sample.edge_items()]
    return {
        **traffic,
        "nodes": sum(x.numel() for x in number_nodes(batch)[0].values()),
        "others": sum(int(x.sum()) for x in others.values()),
        "edges of others": sum(int(x.sum()) for x in into),
    }


if __name__ == "__main__":
    main(outcome, SETTINGS, *sys.argv[1:])
