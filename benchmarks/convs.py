"""One layer of each conv, forward and backward: cached path, edge_index path, torch-sparse path, and the floor.

    python benchmarks/convs.py [--scale S] [--dim D] [--json FILE]

Synthetic interactions, S times those of Baby. A layer brings the items' vectors to the users; LightGCN's propagation
goes three rounds both ways and takes the mean. The floor is what a sum over edges must move at least, for each of them
and for its gradient: the vectors read once, written once, an index and a weight of 4 bytes for each edge, at the rate
of a large copy measured in the same run.
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

from mmgraph.datasets import Synthetic, message_graph
from mmgraph.nn import (
    BipartitePropagation,
    HypergraphConv,
    LightGCNConv,
    NeighborSimilarityConv,
    RoutingConv,
    SoftmaxGraphConv,
)
from mmgraph.typing import REV_INTERACTS

ROUNDS = 3
PROPAGATION = f"LightGCN's propagation, {ROUNDS} rounds"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--dim", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    data = message_graph(Synthetic(scale=args.scale)[0])
    users = int(data["user"].num_nodes)
    edge_index = data[REV_INTERACTS].edge_index
    x = torch.randn(int(data["item"].num_nodes), args.dim, requires_grad=True)
    calls = {name: both_ways(layer, x) for name, layer in layers(x, edge_index, users).items()}
    user = torch.randn(users, args.dim, requires_grad=True)
    rounds = BipartitePropagation(ROUNDS)
    calls[PROPAGATION] = both_ways(lambda user, item: rounds(user, item, data), user, x)
    floor = Floors().seconds(moved=2 * compulsory_bytes(x, edge_index, users))
    sums = {PROPAGATION: 2 * ROUNDS}
    rows: list[Row] = [
        {
            "times Baby": args.scale,
            "layer": name,
            "forward + backward ms": 1e3 * median(values),
            "times the floor": median(values) / (sums.get(name, 1) * floor),
        }
        for name, values in take_turns(calls, repeats=args.repeats).items()
    ]
    size = f"{users:,} users, {x.size(0):,} items, {edge_index.size(1):,} interactions, dimension {args.dim}"
    report(rows, title=f"Layers, from items to users: {size}", command=" ".join(sys.argv), path=args.json)


def layers(x: Tensor, edge_index: Tensor, users: int) -> dict[str, Callable[[Tensor], Tensor]]:
    """What brings items' vectors to users; the first four give the same sums."""
    light = LightGCNConv()
    plain = SimpleConv(aggr="sum")
    similarity = NeighborSimilarityConv()
    hyper = HypergraphConv()
    routing = RoutingConv()
    weighted = SoftmaxGraphConv()
    weight = torch.ones(edge_index.size(1))
    target = x.new_zeros(users, x.size(1))
    learned = weight.clone().requires_grad_()
    among_all = torch.stack([edge_index[0] + users, edge_index[1]])  # users before items, in one graph
    item_logits = torch.randn(x.size(0), 4)
    user_logits = torch.randn(users, 4)
    found = {
        "LightGCNConv, cached": lambda x: light((x, target), edge_index, weight),
        "LightGCNConv, learned weights": lambda x: light((x, target), edge_index, learned),
        "PyG SimpleConv, edge_index": lambda x: plain((x, target), edge_index, weight),
        "PyG SimpleConv, torch-sparse": None,
        "NeighborSimilarityConv": lambda x: similarity((x, target), edge_index),
        "RoutingConv": lambda x: routing((x, target), edge_index),
        "SoftmaxGraphConv, cached": lambda x: weighted(torch.cat([target, x]), among_all, weight),
        "HypergraphConv, 4 hyperedges": lambda x: hyper(x, item_logits.softmax(-1), user_logits.softmax(-1)),
    }
    if WITH_TORCH_SPARSE:
        from torch_sparse import SparseTensor

        by_target = SparseTensor(row=edge_index[1], col=edge_index[0], value=weight, sparse_sizes=(users, x.size(0)))
        found["PyG SimpleConv, torch-sparse"] = lambda x: plain((x, target), by_target)
    return {name: layer for name, layer in found.items() if layer is not None}


def both_ways(layer: Callable[..., Tensor | tuple[Tensor, ...]], *inputs: Tensor) -> Callable[[], None]:
    """A layer and its gradient, given that of what comes out of it."""

    def forward() -> tuple[Tensor, ...]:
        outputs = layer(*inputs)
        return (outputs,) if isinstance(outputs, Tensor) else outputs

    upstream = [torch.randn_like(output) for output in forward()]

    def run() -> None:
        torch.autograd.grad(forward(), inputs, upstream)

    return run


def compulsory_bytes(x: Tensor, edge_index: Tensor, users: int) -> int:
    """Of one direction: vectors in, vectors out, an index and a weight for each edge."""
    return 4 * (x.numel() + users * x.size(1)) + (4 + 4) * edge_index.size(1)


if __name__ == "__main__":
    main()
