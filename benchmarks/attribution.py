"""Makes docs/reproductions/DATASET/attribution.md: what each modality brings to every model that reads features.

    python benchmarks/attribution.py DATASET RUNS [--permutations 5] [--models vbpr freedom ...]

Of all finished runs below RUNS, those that differ in their seed alone are one row; runs of the same settings that were
trained under a control are compared with them. Ends with what is beyond both floors of noise, and where.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean, stdev

from reproductions import ROOT, write_index

import mmgraph
from mmgraph.evidence.attribution import Attribution
from mmgraph.evidence.effects import BEYOND, HURTS, Effect
from mmgraph.evidence.finished import RunGroup, find_runs, group_by_seed
from mmgraph.evidence.page.settings import settings
from mmgraph.evidence.paired_controls import uncontrolled

METRIC = "recall@20"
SPLIT = "test"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset")
    parser.add_argument("runs", type=Path)
    parser.add_argument("--permutations", type=int, default=5)
    parser.add_argument("--models", nargs="+", help="of these alone; all that read features by default")
    args = parser.parse_args()
    reading = {model.name for model in mmgraph.list_models() if model.needs_modalities and model.cost != "closed form"}
    wanted = set(args.models or reading)
    groups = [group for group in runs_on(args.dataset, args.runs) if group.runs[0].report.model in wanted]
    plain = [group for group in groups if group.runs[0].report.control is None]
    controlled = [group for group in groups if group.runs[0].report.control is not None]
    found = []
    for group in plain:
        print(group.name, file=sys.stderr, flush=True)
        found.append(attributed(group, controlled, args.permutations))
    write_page(ROOT, f"{args.dataset}/attribution.md", list(page(found, args.dataset)))


def runs_on(dataset: str, folder: Path) -> list[RunGroup]:
    """Finished runs on a data set, those that differ in their seed alone together."""
    return group_by_seed(run for run in find_runs([folder]) if run.report.dataset == dataset)


def attributed(group: RunGroup, controlled: Sequence[RunGroup], permutations: int) -> tuple[RunGroup, Attribution]:
    controls = [run.folder for other in controlled if uncontrolled(other) == uncontrolled(group) for run in other.runs]
    folders = [run.folder for run in group.runs]
    return group, mmgraph.attribute(folders, controls=controls, permutations=permutations, metric=METRIC)


def page(found: Sequence[tuple[RunGroup, Attribution]], dataset: str) -> Iterator[str]:
    kinds = list(dict.fromkeys(effect.change.kind for _, one in found for effect in shown(one)))
    changes = list(dict.fromkeys(effect.change for _, one in found for effect in shown(one)))
    changes.sort(key=lambda change: (len(change.modalities) > 1, change.modalities, kinds.index(change.kind)))
    yield f"# What the modalities bring: {dataset}"
    yield ""
    yield (
        f"{SPLIT.capitalize()} {METRIC} of trained models, and what it loses (+) when a modality's rows are permuted "
        "among the items, or its branch is taken out, with nothing trained again; means over seeds. Bold: beyond both "
        "floors of noise, twice the deviation over seeds of the level and of the paired differences. What a model "
        "loses so is what it has come to lean on, an upper bound of what the modality brings: a model that is trained "
        "without it makes up for a part. Runs under `control=` measure the rest. "
        "[Read more](../../guides/modalities.md)."
    )
    yield ""
    heads = [f"{' + '.join(change.modalities)}, {change.kind}" for change in changes]
    yield f"| model | seeds | {METRIC} | level floor | {' | '.join(heads)} |"
    yield f"| -- | --: | --: | --: |{' --: |' * len(changes)}"
    for group, one in sorted(found, key=lambda pair: -fmean(pair[0].metric(SPLIT, METRIC))):
        effects = {effect.change: effect for effect in shown(one)}
        floor = max((effect.level_floor or 0.0 for effect in effects.values()), default=0.0)
        cells = [marked(effects.get(change)) for change in changes]
        level = cell(group.metric(SPLIT, METRIC))
        yield f"| {label(group)} | {len(group.seeds)} | {level} | {floor:.4f} | {' | '.join(cells)} |"
    yield ""
    yield from sentences(found)


def shown(one: Attribution) -> list[Effect]:
    return [effect for effect in one.shown() if effect.split == SPLIT]


def marked(effect: Effect | None) -> str:
    if effect is None:
        return "-"
    if effect.same_ranking:
        return "not read"
    return f"**{effect.cost:+.4f}**" if effect.verdict in (BEYOND, HURTS) else f"{effect.cost:+.4f}"


def sentences(found: Sequence[tuple[RunGroup, Attribution]]) -> Iterator[str]:
    """Which models lean on what or are hurt by it, by all ways together, and why a branch was not taken out."""
    for group, one in found:
        yield f"- {label(group)}: {what_all_ways_say(one)}."
        for reason in dict.fromkeys(one.refused.values()):
            yield f"    - no branch is taken out: {reason}"


def what_all_ways_say(one: Attribution) -> str:
    changed = dict.fromkeys(effect.change.modalities for effect in shown(one))
    verdicts = {" + ".join(names): one.verdict(*names, split=SPLIT) for names in changed}
    said = []
    for verdict, verb in ((BEYOND, "leans on"), (HURTS, "is hurt by")):
        names = [name for name, own in verdicts.items() if own == verdict]
        said += [f"{verb} {'; '.join(names)}"] if names else []
    return ", ".join(said) or "within the floors, or the ways disagree"


def label(group: RunGroup, more: Sequence[str] = ()) -> str:
    """What ran: the model, the words that were said beside, and what else sets it apart.

    A run of a sweep may state what is the default anyway; then the label says so.
    """
    name, *words = [*group.name.split(), *more]
    if not words:
        return name
    is_default = settings(group.runs[0].report)["changed"] == []
    return f"{name} `{' '.join(words)}`{' (the default)' if is_default else ''}"


def cell(values: Sequence[float]) -> str:
    """Mean and deviation over seeds."""
    return f"{fmean(values):.4f} ± {stdev(values):.4f}" if len(values) > 1 else f"{values[0]:.4f}"


def write_page(root: Path, name: str, lines: Sequence[str]) -> None:
    """A page on all models, and the index, which lists it."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    write_index(root)
    print(path)


if __name__ == "__main__":
    main()
