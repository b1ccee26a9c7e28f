"""Ranking many users among many items by random vectors: seconds, and the most that the process held.

    python benchmarks/ranking_memory.py [--users N] [--items N] [--dim N] [--ranked N ...] [--json FILE]

Each user has ten train items and two held out. Of the users the first ``--ranked`` are ranked, which gives the time of
all; what is held for each of them is seen with few items and all users ranked.
"""

import argparse
import sys
import time
from pathlib import Path

import torch
from measuring import Row, extra_mebibytes, peak_mebibytes, report
from torch import Tensor
from torch_geometric.data import HeteroData

from mmgraph.cli.switches import set_switches
from mmgraph.evaluation import Evaluator
from mmgraph.models.base import Recommender
from mmgraph.typing import INTERACTS, PARTS, Encoding

NUM_KNOWN = 10
NUM_TARGETS = 2


class RandomVectors(Recommender):
    """Vectors that say nothing."""

    def __init__(self, graph: HeteroData, dim: int) -> None:
        super().__init__(graph)
        self.user = torch.randn(self.num_users, dim)
        self.item = torch.randn(self.num_items, dim)

    def forward(self, graph: HeteroData) -> Encoding:
        return Encoding(self.user, self.item, {})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--dim", type=int, default=64)
    parser.add_argument("--ranked", type=int, default=1_000_000)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    set_switches()
    torch.manual_seed(0)
    data = random_data(args.users, args.items, args.ranked)
    evaluator = Evaluator(data, mask={"val": ["train"]})
    model = RandomVectors(data, args.dim)
    started = time.process_time()
    extra = extra_mebibytes(lambda: evaluator(model, data, "val"))
    seconds = time.process_time() - started
    row: Row = {
        "users": args.users,
        "items": args.items,
        "dimension": args.dim,
        "ranked": args.ranked,
        "CPU s": seconds,
        "CPU s for all": seconds * args.users / args.ranked,
        "extra MiB": extra,
        "MiB of the process": peak_mebibytes(),
    }
    report([row], title="Ranking many users", command=" ".join(sys.argv), path=args.json)


def random_data(num_users: int, num_items: int, num_ranked: int) -> HeteroData:
    data = HeteroData(user={"num_nodes": num_users}, item={"num_nodes": num_items})
    train = random_pairs(torch.arange(num_users), NUM_KNOWN, num_items)
    data[INTERACTS].edge_index = train
    data[INTERACTS][PARTS["val"]] = random_pairs(torch.arange(num_ranked), NUM_TARGETS, num_items)
    data["item"].degree = torch.bincount(train[1], minlength=num_items).float()
    return data


def random_pairs(users: Tensor, count: int, num_items: int) -> Tensor:
    user = users.repeat_interleave(count)
    return torch.stack([user, torch.randint(num_items, user.shape)])


if __name__ == "__main__":
    main()
