"""A comparison for people and for programs: cells and notes, Markdown, CSV, JSON."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mmgraph.evidence.comparison import ComparedRow, Comparison
from mmgraph.evidence.csv_text import csv_text
from mmgraph.evidence.statistics import RESAMPLES
from mmgraph.files import atomic_write

_CORRECTIONS = {"holm": "Holm", "bh": "Benjamini and Hochberg"}
_NAMES = {"t": "paired t", "wilcoxon": "Wilcoxon", "bootstrap": "bootstrap", "sign_flip": "sign flips"}
_TEXTS = ("model", "seeds", "group", "verdict")


def cells(found: Comparison) -> list[dict[str, str]]:
    """A row of texts for each model, by heading; a column that says nothing is left out."""
    rows = [_cells(found, row) for row in found.rows]
    return [{heading: cell for heading, cell in row.items() if heading != "group" or row["group"]} for row in rows]


def is_text(heading: str) -> bool:
    """Whether a column is of words, not figures."""
    return heading in _TEXTS


def _cells(found: Comparison, row: ComparedRow) -> dict[str, str]:
    shown = {
        "model": row.name,
        "seeds": ", ".join(map(str, row.seeds)),
        found.metric: _mean(row),
        "group": row.group,
    }
    numbers = ["difference", "95% interval", "detectable", *(f"p {_NAMES[test]}" for test in found.tests)]
    headings = [*numbers, "p adjusted", "d_z"]
    return shown | dict(zip(headings, _against(row, found), strict=True)) | {"verdict": row.verdict}


def _mean(row: ComparedRow) -> str:
    if row.deviation is None:
        return f"{row.mean:.4f} ± ?"
    return f"{row.mean:.4f} ± {row.deviation:.4f}" if len(row.seeds) > 1 else f"{row.mean:.4f}"


def _against(row: ComparedRow, found: Comparison) -> list[str]:
    other = row.against
    if other is None or row.adjusted is None:
        return ["-"] * (5 + len(found.tests))
    relative = "" if other.relative is None else f" ({other.relative:+.1%})"
    return [
        f"{other.difference:+.4f}{relative}",
        f"{other.low:+.4f} to {other.high:+.4f}",
        f"{other.detectable:.4f}",
        *(_p(other.p[test]) for test in found.tests),
        _p(row.adjusted),
        f"{other.effect:+.3f}",
    ]


def _p(p: float) -> str:
    return "< .0001" if p < 0.0001 else f"{p:.4f}".removeprefix("0")


def title(found: Comparison) -> str:
    """What was compared."""
    return f"{found.metric} on {found.split} of {found.dataset}, {found.users:,} users, baseline: {found.baseline}"


def notes(found: Comparison) -> Iterator[str]:
    """What a reader must know of the columns, a line each."""
    count = len(found.rows) - 1
    rows = "one difference" if count == 1 else f"{count} differences"
    yield (
        f"interval: 95%, {RESAMPLES:,} bootstrap samples of users; p adjusted: {_NAMES[found.tests[0]]}, by "
        f"{_CORRECTIONS[found.correction]} over {rows}"
    )
    yield (
        "detectable: the smallest difference that so many users show in 80% of cases at 5%; nothing below it is claimed"
    )
    unknown = [row.name for row in found.rows if row.deviation is None]
    if unknown:
        yield f"one seed, so that what seeds differ by is not known: {', '.join(unknown)}"
    if "wilcoxon" in found.tests and len({len(row.seeds) for row in found.rows}) > 1:
        yield (
            "rows have different numbers of seeds: a mean over seeds is spread less than a single run, and Wilcoxon's "
            "ranks take that for a difference"
        )
    if found.anova is not None:
        yield (
            f"are all {len(found.rows)} the same? repeated measures over users: "
            f"F({found.anova.df_between:.1f}, {found.anova.df_within:.0f}) = {found.anova.f:.2f}, "
            f"p {_equal(found.anova.p)}, eta² = {found.anova.effect:.3f}"
        )
    if found.rows[0].group:
        correction = _CORRECTIONS[found.correction]
        yield f"group: models that share a letter are not told apart (paired t, all pairs, {correction})"


def _equal(p: float) -> str:
    text = _p(p)
    return text if text.startswith("<") else f"= {text}"


def to_markdown(found: Comparison) -> str:
    """A table with a title before and notes behind it."""
    table = cells(found)
    headings = list(table[0])
    lines = [headings, ["--" if is_text(heading) else "--:" for heading in headings], *(row.values() for row in table)]
    texts = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines]
    return "\n".join([f"**{title(found)}**", "", *texts, "", *(f"- {note}" for note in notes(found))])


def plain_rows(found: Comparison) -> list[dict[str, Any]]:
    """Figures unrounded, None where there is none."""
    return [_plain(found, row) for row in found.rows]


def _plain(found: Comparison, row: ComparedRow) -> dict[str, Any]:
    other = row.against
    names = ("difference", "relative", "low", "high", "detectable", "effect")
    return {
        "model": row.name,
        "seeds": list(row.seeds),
        "mean": row.mean,
        "deviation": row.deviation,
        **{name: None if other is None else getattr(other, name) for name in names},
        **{f"p_{test}": None if other is None else other.p[test] for test in found.tests},
        "p_adjusted": row.adjusted,
        "seed_error": row.by_seed,
        "group": row.group,
        "verdict": row.verdict,
    }


def _to_json(found: Comparison) -> str:
    shared = {name: getattr(found, name) for name in ("dataset", "metric", "split", "users", "baseline", "correction")}
    anova = None if found.anova is None else found.anova._asdict()
    content = {**shared, "tests": list(found.tests), "anova": anova, "rows": plain_rows(found)}
    return json.dumps(content, indent=1) + "\n"


_WRITERS = {
    ".md": lambda found: f"{to_markdown(found)}\n",
    ".csv": lambda found: csv_text(plain_rows(found)),
    ".json": _to_json,
}
ENDINGS = tuple(_WRITERS)


def write_comparison(found: Comparison, path: Path) -> None:
    """Writes ``NAME.md``, ``NAME.csv`` or ``NAME.json``: whole, or not at all.

    Raises:
        OSError: if it cannot be written.
    """
    with atomic_write(path) as file:
        file.write(_WRITERS[path.suffix](found))
