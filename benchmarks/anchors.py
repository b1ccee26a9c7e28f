"""Whether RedND with sampled anchors ranks as well as with all of them, from the reports of finished runs.

    python benchmarks/anchors.py RUNS... [--json FILE]

Needs runs over two seeds or more of each, alike but for the seed and loss.terms.align.anchors, such as those of

    python train.py -m model=rednd dataset=lfm2k tuned=none loss.terms.align.anchors=all,512 seed=0,1,2
"""

import argparse
import copy
import math
import statistics
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from measuring import Row, report
from results import find_reports, identity

from mmgraph.pipeline.report import RunReport

METRIC = "recall@20"
Groups = dict[tuple[str, str], dict[str, list[float]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path, help="run folders, or folders that hold some at any depth")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    groups: Groups = defaultdict(lambda: defaultdict(list))
    for found in find_reports(args.runs):
        if found.model == "rednd":
            anchors, rest = taken_apart(found)
            groups[found.dataset, rest][anchors].append(found.val[METRIC])
    rows = [row for (dataset, _), by_anchors in sorted(groups.items()) for row in compare(dataset, by_anchors)]
    if not rows:
        places = ", ".join(map(str, args.runs))
        wanted = "RedND runs of two seeds or more with all anchors and, else alike, with fewer"
        raise SystemExit(f"{places}: must hold {wanted}; anchors.py --help shows how to make them")
    report(rows, title="RedND, sampled anchors and all", command=" ".join(sys.argv), path=args.json)


def taken_apart(found: RunReport) -> tuple[str, str]:
    """The anchors, and all other settings."""
    config = copy.deepcopy(found.config)
    anchors = config["loss"]["terms"]["align"].pop("anchors")
    return str(anchors), identity(replace(found, config=config))


def compare(dataset: str, by_anchors: dict[str, list[float]]) -> list[Row]:
    """A row for each number of anchors with two seeds or more; none if there is nothing to compare."""
    enough = {anchors: values for anchors, values in sorted(by_anchors.items()) if len(values) > 1}
    if "all" not in enough or len(enough) == 1:
        return []
    return [
        {
            "data set": dataset,
            "anchors": anchors,
            "seeds": len(values),
            f"val {METRIC}": statistics.mean(values),
            "deviation": statistics.stdev(values),
            "standard errors below all": None if anchors == "all" else standard_errors(enough["all"], values),
        }
        for anchors, values in enough.items()
    ]


def standard_errors(reference: list[float], values: list[float]) -> float:
    """By how much the mean falls short, in standard errors of the difference (Welch)."""
    error = math.sqrt(sum(statistics.variance(group) / len(group) for group in (reference, values)))
    return (statistics.mean(reference) - statistics.mean(values)) / error


if __name__ == "__main__":
    main()
