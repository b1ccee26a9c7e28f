"""The search behind the kNN graph beside the matrix product that it cannot do without, and faiss beside both.

    python benchmarks/knn.py [--rows N] [--dim D] [--recall R] [--json FILE]

Rows lie around random centres, a hundred to a centre, as items do around their kinds; vectors without any order cannot
be searched in part. With --recall the approximate search takes its turn too (extra [search]), judged on 2,000 rows.
"""

import argparse
import sys
from pathlib import Path
from statistics import median

import torch
import torch.nn.functional as F
from measuring import Row, report, take_turns
from torch import Tensor

from mmgraph.transforms import nearest_rows

JUDGED = 2000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=23_033)
    parser.add_argument("--dim", type=int, default=4096)
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--recall", type=float)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    z = rows_around_centres(args.rows, args.dim)
    found: dict[str, Tensor] = {}

    def search(name: str, recall: float | None) -> None:
        found[name] = nearest_rows(z, args.k, recall=recall)[1]

    candidates = {"products alone": lambda: products(z), "exact": lambda: search("exact", None)}
    if args.recall is not None:
        candidates["approximate"] = lambda: search("approximate", args.recall)
    seconds = take_turns(candidates, repeats=args.repeats, warmup=1)
    least = median(seconds["products alone"])
    rows: list[Row] = [
        {
            "search": name,
            "s": median(values),
            "times the products": median(values) / least,
            "recall": share_found(found[name], found["exact"]) if name in found else None,
        }
        for name, values in seconds.items()
    ]
    title = f"{args.k} nearest of {args.rows:,} rows of {args.dim}"
    report(rows, title=title, command=" ".join(sys.argv), path=args.json)


def rows_around_centres(num_rows: int, dim: int) -> Tensor:
    torch.manual_seed(0)
    centres = torch.randn(max(1, num_rows // 100), dim)
    return F.normalize(centres[torch.randint(len(centres), (num_rows,))] + 0.7 * torch.randn(num_rows, dim), dim=1)


def products(z: Tensor, chunk_size: int = 512) -> None:
    out = z.new_empty(chunk_size, z.size(0))
    for part in z.split(chunk_size):
        torch.mm(part, z.T, out=out[: part.size(0)])


def share_found(found: Tensor, truth: Tensor) -> float:
    judged = torch.randperm(found.size(0))[:JUDGED]
    return float((truth[judged].unsqueeze(2) == found[judged].unsqueeze(1)).any(2).float().mean())


if __name__ == "__main__":
    main()
