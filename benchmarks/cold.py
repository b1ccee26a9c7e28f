"""New users and items: inferred from old ones, by a forward over the larger graph, and after training again.

    python benchmarks/cold.py [WORD ...] [--dataset NAME] [--models NAME ...] [--part PART] [--runs DIR] [--json FILE]

A tenth of the users and a tenth of the items are held out wholly; half of their interactions are then known, the rest
is to be found: recall@20 of cold users, of cold items among all items and among cold ones, and of warm users' test
items with the cold ones among the candidates and without. With "features only" nobody is known to have chosen a cold
item. Settings of the floors are chosen on the validation's split, which is drawn from what is old in the test's. Models
take the tuned values of the data set; what was trained is kept in --runs and found there again. WORDs are settings
by dotted key, such as trainer.max_epochs=40.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
import yaml
from cold_floors import floors
from cold_split import ColdSplit, read_cold_split
from cold_tasks import Scores, judge
from measuring import Row, report

import mmgraph
from mmgraph.config.compose import option_names
from mmgraph.config.instantiate import instantiate
from mmgraph.datasets import InHand
from mmgraph.extension import MODES, Extended, NewNodes, extend
from mmgraph.pipeline.recommend import encode

KNOWN = {True: "half known", False: "features only"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", default="lfm2k")
    parser.add_argument("--models", nargs="*", default=["lightgcn", "vbpr", "freedom", "bm3", "rednd"])
    parser.add_argument("--part", choices=("test", "validation"), default="test")
    parser.add_argument("--share", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--runs", type=Path, default=Path("outputs/cold"))
    parser.add_argument("--json", type=Path)
    args, words = parser.parse_known_args()
    drawn = {"share": args.share, "seed": args.seed}
    split = read_cold_split(args.dataset, part=args.part, **drawn)
    rows: list[Row] = []
    for name, floor in floors(read_cold_split(args.dataset, part="validation", **drawn)):
        rows += [row(split, name, known, floor(split, known)) for known in KNOWN]
    for model in args.models:
        rows += list(model_rows(split, model, args, words))
    title = f"New users and items of {args.dataset}, {args.part}, recall@20"
    report(rows, title=title, command=" ".join(sys.argv), path=args.json)


def row(split: ColdSplit, name: str, known: bool, scores: Scores) -> Row:
    with torch.no_grad():
        return {"model": name, "cold items": KNOWN[known], **judge(split, scores)}


def model_rows(split: ColdSplit, model: str, args: argparse.Namespace, words: list[str]) -> Iterator[Row]:
    run = trained(split, model, args, words, retrained=False)
    encoding = encode(run.model, run.graph)
    transforms = list(instantiate(run.config.graph, "graph").values())
    for mode in MODES:
        for known in KNOWN:
            new = new_nodes(split, known)
            found = extend(run.model, run.graph, encoding, new, mode=mode, transforms=transforms)
            yield row(split, f"{model}, {mode}", known, scores_of(found))
    again = trained(split, model, args, words, retrained=True)
    found = Extended(again.model, encode(again.model, again.graph))
    yield row(split, f"{model}, trained again", True, scores_of(found))


def trained(
    split: ColdSplit, model: str, args: argparse.Namespace, words: list[str], *, retrained: bool
) -> mmgraph.Run:
    """The run on what is old, or on all that is known."""
    tuned = f"{model}-{args.dataset}"
    options: dict[str, Any] = {"tuned": tuned} if tuned in option_names("tuned") else {}
    pairs = (word.split("=", 1) for word in words)
    settings = {key: yaml.safe_load(value) for key, value in pairs}
    name = f"{args.dataset}-{args.part}-{'full' if retrained else 'base'}"
    data = InHand(split.graph(retrained=retrained), name=name)
    folder = args.runs / f"{name}-{model}"
    return mmgraph.run(model, data, folder=folder, overrides=settings, verbose=False, seed=args.seed, **options)


def new_nodes(split: ColdSplit, known: bool) -> NewNodes:
    return NewNodes(
        num_users=split.all_users - split.num_users,
        num_items=split.all_items - split.num_items,
        edge_index=torch.cat([split.given_users, *([split.given_items] if known else [])], dim=1),
        features={name: x[split.num_items :] for name, x in split.features.items()},
    )


def scores_of(found: Extended) -> Scores:
    found.model.eval()
    return lambda user: found.model.score(found.encoding, user)


if __name__ == "__main__":
    main()
