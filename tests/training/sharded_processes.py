"""Runs whose parameters are divided, as one of several processes; test_shards.py starts them by torchrun.

``-m tests.training.sharded_processes train FOLDER`` trains, ``... go_on FOLDER NAME...`` goes on with runs in it; each
process writes what it saw to ``FOLDER/<processes>.<rank>.pt``.
"""

import gc
import sys
import warnings
from pathlib import Path

import torch
import torch.distributed as dist
from torch.distributed.tensor import DTensor

from mmgraph.processes.divided import world
from tests.contract.conftest import small_parts

SIZES = ["dataset.num_users=61", "dataset.num_items=51", "dataset.num_topics=4", "loader.batch_size=101"]
SETTINGS = {
    "lightgcn": ["lightgcn"],
    "a contrast that is divided, clipped": ["rednd", "loss.terms.align.anchors=9", "trainer.clip=1e-1"],
    "weights used outside of forward": ["mmssl", "loader.batch_size=400"],
    "a group by itself": ["diffmm", "loader.batch_size=400"],
    "weights used where the graph is made": ["lattice"],
}
EPOCHS = 4


def outcome(name, *words, epochs=EPOCHS, run_dir=None, shard=True):
    """The history's losses and metrics, the weights, and the bytes that this process held after each epoch."""
    settings = [f"trainer.max_epochs={epochs}", "trainer.optimizer.lr=1e-2", f"trainer.shard={str(shard).lower()}"]
    parts = small_parts(name, *SIZES, *settings, *words, modalities="{image: 8, text: 4}")
    return fitted(parts, parts.graph, parts.loader, parts.evaluator, run_dir)


def fitted(parts, graph, loader, evaluator, run_dir):
    """Trains; the history's losses and metrics, the weights, and the bytes that this process held after each epoch."""
    parts.trainer.verbose = False
    made, held = [], []
    make = parts.trainer.make_optimizers

    def remember(model):
        made.append(make(model))
        return made[-1]

    parts.trainer.make_optimizers = remember
    fit = parts.trainer.fit(
        parts.model,
        parts.objective,
        graph,
        loader,
        evaluator=evaluator,
        run_dir=run_dir,
        on_evaluation=lambda history: held.append(held_bytes(parts.model, made[0])),
    )
    kept = [{key: value for key, value in row.items() if "seconds" not in key} for row in fit.history]
    return {"history": kept, "weights": weights(parts.model), "bytes": held[1:]}


def weights(model):
    """The weights by name."""
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def held_bytes(model, optimizers):
    """Those of parameters, gradients and moments, by the memory that lies behind them."""
    parameters = list(model.parameters())
    found = [x for parameter in parameters for x in (parameter, parameter.grad) if x is not None]
    for optimizer in optimizers.optimizers.values():
        found += [x for state in optimizer.state.values() for x in state.values() if x.dim() > 0]
    return sum(_local(x).untyped_storage().nbytes() for x in found)


def _local(x):
    return x.to_local() if isinstance(x, DTensor) else x


def main(outcome, settings, folder, what, *names):
    """Runs every case of ``settings``, or goes on with runs in the folder.

    A run whose name ends in ``, NAME`` has these settings, others LightGCN's.
    """

    def words_of(name):
        return settings[name.partition(", ")[2] or "lightgcn"]

    warnings.simplefilter("ignore")
    folder = Path(folder)
    if what == "train":
        found = {name: outcome(*words) for name, words in settings.items()}
        cut_off = ["cut off", *(["cut off, sampled"] if "sampled" in settings else [])]
        found |= {name: outcome(*words_of(name), epochs=2, run_dir=folder / name) for name in cut_off}
    else:
        found = {name: outcome(*words_of(name), run_dir=folder / name) for name in names}
    rank, size = world()
    found["threads"] = threads_left()
    torch.save(found, folder / f"{size}.{rank}.pt")


def threads_left():
    """Names of the threads that work for other processes once the group is given up."""
    dist.destroy_process_group()
    gc.collect()
    tasks = Path("/proc/self/task")
    names = [(task / "comm").read_text() for task in tasks.iterdir()] if tasks.exists() else []
    return [name for name in names if "gloo" in name]


if __name__ == "__main__":
    main(outcome, SETTINGS, *sys.argv[1:])
