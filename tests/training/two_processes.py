"""Small runs as one of several processes: ``torchrun --nproc-per-node=2 -m tests.training.two_processes DIR``.

Started by test_two_processes.py; each process writes what it saw to ``DIR/2.<rank>.pt``.
"""

import sys
import warnings
from pathlib import Path

import torch

from mmgraph.processes.divided import mean_over_processes, world
from mmgraph.processes.fabric import launch_fabric, sum_gradients
from tests.contract.conftest import TRAINED, small_parts

SIZES = ["dataset.num_users=60", "dataset.num_items=50", "dataset.num_topics=4", "trainer.max_epochs=1"]
ODD, EVEN = "loader.batch_size=101", "loader.batch_size=100"  # 314 interactions: the last batch has 11, or 14
ALIGN = "loss.terms.align"
SETTINGS = {
    "rednd with one anchor": ["rednd", f"{ALIGN}.anchors=1"],
    "rednd with sampled anchors and candidates": ["rednd", f"{ALIGN}.anchors=9", f"{ALIGN}.candidates=7"],
    "rednd summed, each side apart": ["rednd", f"{ALIGN}.reduction=sum", f"{ALIGN}.joint=false"],
    "rednd both ways": ["rednd", f"{ALIGN}.symmetric=true"],
    "rednd in the batch, with repeats": ["rednd", f"{ALIGN}.anchors=batch", f"{ALIGN}.unique=false"],
    "clipped": ["lightgcn", "loader.batch_size=101", "trainer.clip=1e-3"],
    "rednd within": ["rednd", f"{ALIGN}.anchors=9", f"{ALIGN}.candidates=9", f"{ALIGN}.within=true"],
    "rednd as printed": ["rednd", "ablation=rednd-paper"],
    "diffmm on tiktok": ["diffmm", "loss.terms.contrast.weight=0", "loss.terms.contrast_main.weight=0.01"],
    "parameters that the loss leaves unused": ["freedom", "loss=bpr"],
    "one by one": ["mgcn", "loss=bce"],
}
FULL_GRAPH = {**{name: [name] for name in TRAINED}, **SETTINGS}
REFERENCE = ["lightgcn", "loss=bpr"]
SAMPLED = [*REFERENCE, "loader=neighbor", "loader.num_neighbors=-1"]


class Recorder(torch.optim.SGD):
    """Keeps the gradients of its last step."""

    def step(self, closure=None):
        self.last = [None if x.grad is None else x.grad.clone() for group in self.param_groups for x in group["params"]]
        return super().step(closure)


def outcome(name, *words):
    """Losses, metrics and last gradients of an epoch."""
    parts = small_parts(name, *SIZES, ODD, *words, modalities="{image: 8, text: 4}")
    made = []

    def make(parameters):
        made.append(Recorder(parameters, lr=1e-4, weight_decay=0.1))
        return made[-1]

    parts.trainer.optimizer, parts.trainer.group_optimizers = make, None
    fit = parts.trainer.fit(parts.model, parts.objective, parts.graph, parts.loader, evaluator=parts.evaluator)
    (row,) = fit.history
    return {
        "losses": {key: value for key, value in row.items() if key.startswith("loss/")},
        "metrics": fit.val,
        "gradients": [gradient for optimizer in made for gradient in optimizer.last],
        "weights": fit_weights(parts.model),
    }


def fit_weights(model):
    """The weights by name."""
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def sums_of_gradients():
    """Of four parameters both processes have a gradient of the first, one of each of the next two, none of the last."""
    fabric = launch_fabric(accelerator="cpu", devices=2, precision="32-true")
    rank, _ = world()
    parameters = [torch.zeros(2, requires_grad=True) for _ in range(4)]
    for holders, parameter in zip(([0, 1], [0], [1], []), parameters, strict=True):
        parameter.grad = torch.full((2,), 1.0 + rank) if rank in holders else None
    sum_gradients(parameters, fabric)
    return [parameter.grad for parameter in parameters]


def main(folder):
    """Runs every case."""
    warnings.simplefilter("ignore")
    sums = sums_of_gradients()
    found = {"sums": sums, "mean": mean_over_processes(torch.tensor(1.0 + world()[0]))}
    found |= {name: outcome(*words) for name, words in FULL_GRAPH.items()}
    found["sampled"] = outcome(*SAMPLED, EVEN)
    torch.save(found, Path(folder) / f"2.{world()[0]}.pt")


if __name__ == "__main__":
    main(sys.argv[1])
