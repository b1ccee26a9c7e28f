"""A data set as a page: one file of HTML with its pictures inside, which fetches nothing and runs nothing."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np
from jaxtyping import Int64

from mmgraph.files import atomic_write
from mmgraph.prepare.look.charts import curves, shares, stacked_bars
from mmgraph.prepare.look.numbers import Look
from mmgraph.terminal import printable

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2b33; --paper: #fff; --faint: #dfe5e8; --a: #00796b; --b: #f4511e;
  --c: #7e57c2; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e3eaee; --paper: #14191c; --faint: #37444b; --a: #4db6ac; --b: #ff8a65; --c: #b39ddb; }
}
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 46rem;
  margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { margin-bottom: 0; } h2 { margin: 2.2rem 0 .6rem; font-size: 1.2rem; }
svg { width: 100%; height: auto; display: block; } svg text { font-size: 12px; fill: var(--ink); }
.a { fill: var(--a); } .b { fill: var(--b); } .c { fill: var(--c); } .rest { fill: var(--faint); }
.line { fill: none; stroke-width: 2; } .line.a { stroke: var(--a); } .line.b { stroke: var(--b); }
.level { stroke: var(--faint); }
.legend { display: flex; gap: 1.2rem; list-style: none; padding: 0; margin: .3rem 0 1.2rem; font-size: .9rem; }
.legend li::before { content: ""; display: inline-block; width: .8em; height: .8em; margin-right: .4em; }
.legend .a::before { background: var(--a); } .legend .b::before { background: var(--b); }
.legend .c::before { background: var(--c); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .92rem; }
td, th { padding: .2rem .7rem .2rem 0; text-align: right; white-space: nowrap; }
td:first-child, th:first-child { text-align: left; }
tr { border-bottom: 1px solid var(--faint); } .text td, .text th { text-align: left; white-space: normal; }
"""
_SHOWN_COLUMNS = 5
_LONGEST = 80


def write_page(look: Look, path: Path) -> None:
    """Writes the page.

    Args:
        look: the data set in numbers.
        path: the file.
    """
    name = escape(printable(look.name))
    sections = [_sizes(look), _split(look), _degrees(look), _modalities(look), _time(look), _popular(look), _made(look)]
    # An icon, or browsers ask for one.
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, '
        f'initial-scale=1"><link rel="icon" href="data:,"><title>{name}</title><style>{_STYLE}</style></head>'
    )
    with atomic_write(path) as file:
        file.write(f"{head}<body><main><h1>{name}</h1>{''.join(sections)}</main></body></html>\n")


def _sizes(look: Look) -> str:
    counts = look.counts
    license = look.record.get("license")
    return (
        f"<p>{counts['users']:,} users, {counts['items']:,} items, {counts['interactions']:,} interactions: "
        f"{look.density:.3%} of all pairs.{f' License: {_shown(license)}.' if license else ''}</p>"
    )


def _split(look: Look) -> str:
    counts = look.counts
    parts = [("train", counts["train"]), ("validation", counts["val"]), ("test", counts["test"])]
    rows = [(name, count / counts["interactions"], f"{count:,}") for name, count in parts]
    unseen = "".join(
        f" In {part} there are {users:,} users and {items:,} items that train does not know."
        for part, (users, items) in look.unseen.items()
        if users or items
    )
    name, digest = look.split
    return (
        f"<h2>Split</h2>{shares(rows, title='Shares of train, validation and test')}"
        f"<p>Split <code>{escape(name)}</code>; {counts['users_absent_from_train']:,} users and "
        f"{counts['items_absent_from_train']:,} items are absent from train.{unseen} Hash "
        f"<code>{digest[:12]}</code>.</p>"
    )


def _degrees(look: Look) -> str:
    series = [(f"{side}s", _at_least(look.degrees[side])) for side in look.degrees]
    header = ["of a", "least", "25 %", "median", "75 %", "most", "mean", "top 1 % has", "Gini"]
    rows = [
        [side, *(f"{value:,}" for value in found[:5]), f"{found.mean:.1f}", f"{found.top:.1%}", f"{found.gini:.2f}"]
        for side, found in look.spreads.items()
    ]
    picture = curves(
        series, title="Share with so many interactions or more", x="interactions", y="share with so many or more"
    )
    return f"<h2>Interactions of users and items</h2>{picture}{_table(header, rows)}"


def _at_least(degree: Int64[np.ndarray, "nodes"]) -> list[tuple[float, float]]:
    """Share of the nodes by the least number of interactions, at steps that grow."""
    ordered = np.sort(degree[degree > 0])
    steps = np.unique(np.geomspace(1, ordered[-1], 60).round().astype(np.int64))
    share = 1 - np.searchsorted(ordered, steps) / len(degree)
    return [(float(step), float(part)) for step, part in zip(steps, share, strict=True) if part > 0]


def _modalities(look: Look) -> str:
    if not look.modalities:
        return "<h2>Modalities</h2><p>There are none.</p>"
    rows = [
        (name, found.items, f"{found.items:.1%} of items, {found.dim:,} numbers")
        for name, found in look.modalities.items()
    ]
    return f"<h2>Modalities</h2>{shares(rows, title='Share of the items that have each modality')}"


def _time(look: Look) -> str:
    if look.drift is None:
        return "<h2>Time</h2><p>The interactions have no times.</p>"
    drift = look.drift
    labels = [period.start for period in drift.periods]
    parts = [
        (name, [period.parts[place] for period in drift.periods])
        for place, name in enumerate(("train", "validation", "test"))
    ]
    new = [
        ("new users", [period.new_users for period in drift.periods]),
        ("new items", [period.new_items for period in drift.periods]),
    ]
    same = [(period.start, period.same, f"{period.same:.0%}") for period in drift.periods if period.same is not None]
    return (
        f"<h2>Time</h2><p>From {escape(drift.first)} to {escape(drift.last)}, in twelve spans of the same length. "
        f"{drift.late_train:.1%} of train is later than the earliest of test; {drift.ordered:.1%} of the users are "
        f"tested on nothing earlier than what they are trained on.</p>"
        f"{stacked_bars(labels, parts, title='Interactions in time')}"
        f"{stacked_bars(labels, new, title='Users and items seen for the first time')}"
        f"<p>How many of a span's most taken items were such in the span before:</p>"
        f"{shares(same, title='Most taken items as before')}"
    )


def _popular(look: Look) -> str:
    columns = list(look.popular[0][0])[:_SHOWN_COLUMNS]
    rows = [[*(row.get(column, "") for column in columns), f"{count:,}"] for row, count in look.popular]
    return f"<h2>Most taken items</h2>{_table([*columns, 'interactions'], rows, kind='text')}"


def _made(look: Look) -> str:
    if not look.record:
        return ""
    steps = [
        [step["step"], *(f"{step[key]:,}" for key in ("interactions", "users", "items"))]
        for step in look.record["steps"]
    ]
    inputs = [
        [file["name"], f"{file.get('rows', 0):,}", f"{file.get('set_aside', 0):,}"] for file in look.record["inputs"]
    ]
    notes = "".join(f"<li>{_shown(note)}</li>" for note in look.record["notes"])
    return (
        f"<h2>How it was made</h2>{_table(['file', 'rows', 'set aside'], inputs)}"
        f"{_table(['step', 'interactions', 'users', 'items'], steps)}<ul>{notes}</ul>"
    )


def _table(header: Sequence[str], rows: Sequence[Sequence[str]], *, kind: str = "numbers") -> str:
    head = "".join(f"<th>{_shown(name)}</th>" for name in header)
    body = "".join(f"<tr>{''.join(f'<td>{_shown(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="scroll"><table class="{kind}"><tr>{head}</tr>{body}</table></div>'


def _shown(text: object) -> str:
    """Text of others as text: nothing in it is a tag."""
    whole = printable(text)
    return escape(whole if len(whole) <= _LONGEST else f"{whole[:_LONGEST]}...")
