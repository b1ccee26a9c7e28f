"""One layer of each conv, forward and backward: cached path, edge_index path, torch-sparse path, and the floor.

    python benchmarks/convs.py [--scale S] [--dim D] [--json FILE]

Synthetic interactions, S times those of Baby. The floor is what a sum over edges must move at least: the vectors read
once, written once, the edges' indices and weights read once, each way, at the rate of a large copy measured in the
same run.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch
from measuring import Floors, Row, report, take_turns
from torch import Tensor
from torch_geometric.nn import SimpleConv
from torch_geometric.typing import WITH_TORCH_SPARSE

from mmgraph.datasets import Synthetic
from mmgraph.nn import HypergraphConv, LightGCNConv, NeighborSimilarityConv
from mmgraph.typing import INTERACTS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--dim", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    data = Synthetic(scale=args.scale)[0]
    users, edge_index = int(data["user"].num_nodes), data[INTERACTS].edge_index.flip(0).contiguous()
    x = torch.randn(int(data["item"].num_nodes), args.dim, requires_grad=True)
    candidates = layers(x, edge_index, users)
    seconds = take_turns({name: both_ways(layer, x) for name, layer in candidates.items()}, repeats=args.repeats)
    floor = Floors().seconds(moved=2 * compulsory_bytes(x, edge_index, users))
    rows: list[Row] = [
        {
            "times Baby": args.scale,
            "layer": name,
            "forward + backward ms": 1e3 * median(values),
            "times the floor": median(values) / floor,
        }
        for name, values in seconds.items()
    ]
    size = f"{users:,} users, {x.size(0):,} items, {edge_index.size(1):,} interactions, dimension {args.dim}"
    report(rows, title=f"Layers, from items to users: {size}", command=" ".join(sys.argv), path=args.json)


def layers(x: Tensor, edge_index: Tensor, users: int) -> dict[str, Callable[[Tensor], Tensor]]:
    """What brings items' vectors to users; all but the last two give the same sums."""
    light, plain, similarity, hyper = (
        LightGCNConv(),
        SimpleConv(aggr="sum"),
        NeighborSimilarityConv(),
        HypergraphConv(),
    )
    weight, target = torch.ones(edge_index.size(1)), x.new_empty(users, x.size(1))
    item_logits, user_logits = torch.randn(x.size(0), 4), torch.randn(users, 4)
    found = {
        "LightGCNConv, cached": lambda x: light((x, target), edge_index, weight),
        "PyG SimpleConv, edge_index": lambda x: plain((x, target), edge_index, weight),
        "PyG SimpleConv, torch-sparse": None,
        "NeighborSimilarityConv": lambda x: similarity((x, target), edge_index),
        "HypergraphConv, 4 hyperedges": lambda x: hyper(x, item_logits.softmax(-1), user_logits.softmax(-1)),
    }
    if WITH_TORCH_SPARSE:
        from torch_sparse import SparseTensor

        by_target = SparseTensor(row=edge_index[1], col=edge_index[0], value=weight, sparse_sizes=(users, x.size(0)))
        found["PyG SimpleConv, torch-sparse"] = lambda x: plain((x, target), by_target)
    return {name: layer for name, layer in found.items() if layer is not None}


def both_ways(layer: Callable[[Tensor], Tensor], x: Tensor) -> Callable[[], None]:
    def run() -> None:
        x.grad = None
        layer(x).sum().backward()

    return run


def compulsory_bytes(x: Tensor, edge_index: Tensor, users: int) -> int:
    """Of one direction: vectors in, vectors out, an index and a weight for each edge."""
    return 4 * (x.numel() + users * x.size(1)) + (8 + 4) * edge_index.size(1)


if __name__ == "__main__":
    main()
