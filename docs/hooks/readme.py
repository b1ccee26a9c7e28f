"""The README's tables of models and of results, made from the models, their cards and ``docs/results.md``.

make readme
"""

import re
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator
from math import sqrt
from pathlib import Path
from pkgutil import resolve_name
from typing import NamedTuple

from model_cards import cards, class_of, is_built_in

import mmgraph
from mmgraph.pipeline.catalog import ModelInfo

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
RESULTS = ROOT / "docs" / "results.md"
DATASETS = ("lfm2k", "tiktok", "sports", "baby")
OF_A_PART = ("dataset.modalities=", "ablation=", "loader=")
"""Words of runs that are not the model on the data set: fewer features, a part left out, samples of the graph."""
_LINK = re.compile(r"\]\((https?://[^)]+)\)")


class Score(NamedTuple):
    """Validation and test recall@20 of the same settings: the mean, and the deviation over the seeds."""

    seeds: int
    val: float
    test: float
    deviation: float


def main() -> None:
    """Writes the tables into the README."""
    README.write_text(generated(README.read_text(encoding="utf-8")), encoding="utf-8")


def generated(text: str) -> str:
    """The README with its tables as they should be; each stands between two comments."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # PyG's, as it is imported
        models = [model for model in mmgraph.list_models() if is_built_in(model.name)]
    text = _replaced(text, "models", model_table(models))
    return _replaced(text, "results", result_table([model.name for model in models]))


def model_table(models: Iterable[ModelInfo]) -> list[str]:
    """A row for each class: names, whether it reads features, the first sentence of its docstring, the paper."""
    of_class = defaultdict(list)
    for model in models:
        of_class[class_of(model.name)].append(model)
    return [
        "| `model=` | features | what | source |",
        "| -- | -- | -- | -- |",
        *map(_model_row, of_class, of_class.values()),
    ]


def _model_row(place: str, variants: list[ModelInfo]) -> str:
    described = [model for model in variants if model.name in cards()]
    names = [f"[`{model.name}`]({cards()[model.name].relative_to(ROOT)})" for model in described]
    names += [f"`{model.name}`" for model in variants if model not in described]
    features = "yes" if variants[0].needs_modalities else ""
    what = resolve_name(place).__doc__.partition("\n")[0]
    return f"| {', '.join(names)} | {features} | {what} | {', '.join(map(_source, described))} |"


def _source(model: ModelInfo) -> str:
    """The paper, as the first line of the settings names it, with the first link of the card."""
    card = cards()[model.name]
    link = _LINK.search(card.read_text(encoding="utf-8"))
    if link is None:
        raise SystemExit(f"{card}: the head must have a link to the paper")
    return f"[{model.paper.partition(', ')[2]}]({link[1]})"


def result_table(models: Iterable[str]) -> list[str]:
    """Test recall@20 of each model that has some."""
    found = scores(RESULTS.read_text(encoding="utf-8"))
    rows = [(model, [found.get((dataset, model)) for dataset in DATASETS]) for model in models]
    lines = [f"| `{model}` | {' | '.join(map(_cell, row))} |" for model, row in rows if any(row)]
    return [f"| model | {' | '.join(DATASETS)} |", f"|{' -- |' * (len(DATASETS) + 1)}", *lines]


def scores(text: str) -> dict[tuple[str, str], Score]:
    """The score by data set and model: of its settings those with most seeds, then the best on validation."""
    of_settings = defaultdict(list)
    for row in _rows(text):
        if not row["words"].startswith(OF_A_PART):
            of_settings[row["data set"], row["model"], row["words"]].append(_score(row))
    best: dict[tuple[str, str], Score] = {}
    for (dataset, model, _), parts in of_settings.items():
        score = _together(parts)
        before = best.get((dataset, model))
        if before is None or (score.seeds, score.val) >= (before.seeds, before.val):
            best[dataset, model] = score
    return best


def _rows(text: str) -> Iterator[dict[str, str]]:
    """Rows of the first table of the document."""
    names, _, *lines = text[text.index("| data set |") :].partition("\n\n")[0].splitlines()
    for line in lines:
        yield dict(zip(_cells(names), _cells(line), strict=True))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]


def _score(row: dict[str, str]) -> Score:
    test, _, deviation = row["test recall@20"].partition(" ± ")
    return Score(
        len(row["seeds"].split(",")), float(row["val recall@20"].split()[0]), float(test), float(deviation or 0)
    )


def _together(parts: list[Score]) -> Score:
    """Runs of the same settings that stand in several rows, because device or version differ."""
    seeds = sum(part.seeds for part in parts)
    val, test = (sum(part.seeds * part[place] for part in parts) / seeds for place in (1, 2))
    squares = sum((part.seeds - 1) * part.deviation**2 + part.seeds * (part.test - test) ** 2 for part in parts)
    return Score(seeds, val, test, sqrt(squares / max(1, seeds - 1)))


def _cell(score: Score | None) -> str:
    if score is None:
        return "-"
    return f"{score.test:.4f}" + (f" ± {score.deviation:.4f} ({score.seeds})" if score.seeds > 1 else "")


def _replaced(text: str, name: str, lines: list[str]) -> str:
    begin = f"<!-- {name}: make readme -->\n\n"
    end = f"\n\n<!-- end of {name} -->"
    head, _, rest = text.partition(begin)
    _, found, tail = rest.partition(end)
    if not found:
        raise SystemExit(f"{README} must have the lines {begin.strip()!r} and {end.strip()!r} around its table")
    return head + begin + "\n".join(lines) + end + tail


if __name__ == "__main__":
    main()
