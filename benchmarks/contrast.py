"""InfoNCE over all nodes, forward and backward: streamed, with all similarities held at once, and its products alone.

    python benchmarks/contrast.py [--nodes N] [--dim D] [--dense-limit N] [--json FILE]

The default is Baby's number of nodes; 53,955 is Sports'. All similarities at once take several matrices of N x N floats
and are left out above --dense-limit nodes; up to there the streamed loss and gradients are compared with theirs. Memory
is what one call adds to a process of its own.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch
import torch.nn.functional as F
from epoch import call
from measuring import Row, extra_mebibytes, report, take_turns
from torch import Tensor

from mmgraph.losses import info_nce, streaming_info_nce

TAU = 0.2
BLOCK_ROWS = 128

Candidates = dict[str, Callable[[], list[Tensor]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=26_495)
    parser.add_argument("--dim", type=int, default=64)
    parser.add_argument("--dense-limit", type=int, default=30_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    args = parser.parse_args()
    found = candidates(args.nodes, args.dim, dense=args.nodes <= args.dense_limit)
    if args.one:
        return print(json.dumps({"MiB": extra_mebibytes(found[args.one])}))
    alone = [__file__, "--nodes", args.nodes, "--dim", args.dim, "--dense-limit", args.dense_limit, "--one"]
    memory = {name: call([*alone, name])["MiB"] for name in found}
    error = largest_difference(found["streamed"](), found["dense"]()) if "dense" in found else None
    seconds = {name: median(values) for name, values in take_turns(found, repeats=args.repeats, warmup=1).items()}
    rows: list[Row] = [
        {
            "nodes": args.nodes,
            "contrast": name,
            "s": value,
            "times the products": value / seconds["products alone"],
            "extra MiB": memory[name],
            "difference from dense": error if name == "streamed" else None,
        }
        for name, value in seconds.items()
    ]
    title = f"InfoNCE over {args.nodes:,} nodes of dimension {args.dim}"
    report(rows, title=title, command=" ".join(sys.argv), path=args.json)


def candidates(num_nodes: int, dim: int, *, dense: bool) -> Candidates:
    """Each gives the loss and its gradients by both views; the products alone give nothing of use."""
    torch.manual_seed(0)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    x = torch.randn(num_nodes, dim, device=device)
    y = x + 0.5 * torch.randn_like(x)

    def both_ways(contrast: Callable[[Tensor, Tensor], Tensor]) -> Callable[[], list[Tensor]]:
        def run() -> list[Tensor]:
            views = [view.clone().requires_grad_() for view in (x, y)]
            loss = contrast(*views)
            return [loss.detach(), *torch.autograd.grad(loss, views)]

        return run

    found: Candidates = {"products alone": lambda: products(x, y), "streamed": both_ways(streamed)}
    return found | ({"dense": both_ways(lambda x, y: info_nce(x, y, tau=TAU))} if dense else {})


def streamed(x: Tensor, y: Tensor) -> Tensor:
    """What the loss term of RedND computes."""
    x = F.normalize(x, dim=-1)
    y = F.normalize(y, dim=-1)
    return streaming_info_nce(x, y, y, tau=TAU, max_logit=1 / TAU) / x.size(0)


def products(x: Tensor, y: Tensor) -> list[Tensor]:
    """Similarities, and what their gradients take from either side, a block of anchors at a time."""
    buffer = x.new_empty(BLOCK_ROWS, y.size(0))
    grad_x = torch.empty_like(x)
    grad_y = torch.zeros_like(y)
    for part, grad in zip(x.split(BLOCK_ROWS), grad_x.split(BLOCK_ROWS), strict=True):
        similarity = torch.mm(part, y.T, out=buffer[: part.size(0)])
        torch.mm(similarity, y, out=grad)
        grad_y.addmm_(similarity.T, part)
    return [grad_x, grad_y]


def largest_difference(found: list[Tensor], truth: list[Tensor]) -> float:
    """Of the loss and of each gradient, each as a share of the largest entry that is right."""
    shares = ((a - b).abs().max() / b.abs().max() for a, b in zip(found, truth, strict=True))
    return max(float(share) for share in shares)


if __name__ == "__main__":
    main()
