"""The search behind the kNN graph beside the matrix product that it cannot do without, and faiss beside both.

    python benchmarks/knn.py [--rows N] [--dim D] [--recall R] [--json FILE]

Rows lie around random centres, a hundred to a centre, as items do around their kinds; vectors without any order cannot
be searched in part. With --recall the approximate search takes its turn too (extra [search]), judged on 2,000 rows.
Memory is what one search adds to a process of its own, the matrix of rows x rows being 1.
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
    parser.add_argument("--one", help=argparse.SUPPRESS)
    args = parser.parse_args()
    found: dict[str, Tensor] = {}
    searches = candidates(args, found)
    if args.one:
        return print(json.dumps({"MiB": extra_mebibytes(searches[args.one])}))
    memory = {name: call([__file__, *sys.argv[1:], "--one", name])["MiB"] for name in searches}
    seconds = take_turns(searches, repeats=args.repeats, warmup=1)
    least = median(seconds["products alone"])
    whole_matrix = 4 * args.rows**2 / 2**20
    rows: list[Row] = [
        {
            "rows": args.rows,
            "dimension": args.dim,
            "search": name,
            "s": median(values),
            "times the products": median(values) / least,
            "recall": share_found(found[name], found["exact"]) if name in found else None,
            "extra MiB": memory[name],
            "of rows x rows": memory[name] and memory[name] / whole_matrix,
        }
        for name, values in seconds.items()
    ]
    title = f"{args.k} nearest of {args.rows:,} rows of {args.dim}"
    report(rows, title=title, command=" ".join(sys.argv), path=args.json)


def candidates(args: argparse.Namespace, found: dict[str, Tensor]) -> dict[str, Callable[[], None]]:
    """The searches, which leave behind what they found, and the products."""
    z = rows_around_centres(args.rows, args.dim)

    def search(name: str, recall: float | None) -> None:
        found[name] = nearest_rows(z, args.k, recall=recall)[1]

    searches = {"products alone": lambda: products(z), "exact": lambda: search("exact", None)}
    if args.recall is not None:
        searches["approximate"] = lambda: search("approximate", args.recall)
    return searches


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
