"""Pictures as SVG within a page: no script, no file beside it, readable in light and dark."""

import math
from collections.abc import Sequence
from html import escape

_WIDTH, _HEIGHT = 640, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 12, 12, 36
_INNER, _TALL = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
_ROW = 26
_NAMES, _BAR = 140, 260
COLOURS = ("a", "b", "c")
"""Classes of colours that the page states."""


def stacked_bars(labels: Sequence[str], series: Sequence[tuple[str, Sequence[float]]], *, title: str) -> str:
    """A bar for each label, of a piece for each series.

    Args:
        labels: below the bars; as many as fit are shown.
        series: names and values.
        title: what the picture shows, for those who have it read to them.
    """
    totals = [sum(values) for values in zip(*(values for _, values in series), strict=True)]
    most = max(totals) or 1
    step = _INNER / len(labels)
    pieces = []
    for place, label in enumerate(labels):
        below = 0.0
        for colour, (name, values) in zip(COLOURS, series, strict=False):
            value = values[place]
            height = _TALL * value / most
            y = _TOP + _TALL - _TALL * below / most - height
            pieces.append(
                f'<rect class="{colour}" x="{_LEFT + step * (place + 0.1):.1f}" y="{y:.1f}" width="{step * 0.8:.1f}" '
                f'height="{height:.1f}"><title>{escape(f"{label}: {value:,} {name}")}</title></rect>'
            )
            below += value
    every = math.ceil(len(labels) / 6)
    marks = [
        _text(_LEFT + step * (place + 0.5), _HEIGHT - 14, label, "middle")
        for place, label in enumerate(labels)
        if place % every == 0
    ]
    return _picture(title, [*_levels([0, most / 2, most], most), *pieces, *marks]) + _legend([n for n, _ in series])


def curves(series: Sequence[tuple[str, Sequence[tuple[float, float]]]], *, title: str, x: str, y: str) -> str:
    """Lines through points, both axes by powers of ten.

    Args:
        series: names and points, all positive.
        title: what the picture shows.
        x: what lies along.
        y: what lies upwards.
    """
    points = [point for _, found in series for point in found]
    wide = max(1.0, math.ceil(math.log10(max(px for px, _ in points))))
    low = min(-1.0, math.floor(math.log10(min(py for _, py in points))))
    lines = []
    for colour, (name, found) in zip(COLOURS, series, strict=False):
        path = " ".join(
            f"{_LEFT + _INNER * math.log10(px) / wide:.1f},{_TOP + _TALL * math.log10(py) / low:.1f}"
            for px, py in found
        )
        lines.append(f'<polyline class="line {colour}" points="{path}"><title>{escape(name)}</title></polyline>')
    marks = [
        _text(_LEFT + _INNER * power / wide, _HEIGHT - 18, f"{10**power:,}", "middle") for power in range(int(wide) + 1)
    ]
    levels = []
    for power in range(0, int(low) - 1, -1):
        height = _TOP + _TALL * power / low
        levels += [_level(height), _text(_LEFT - 6, height + 4, f"{10.0**power:.{max(0, -power - 2)}%}", "end")]
    names = [_text(_LEFT + _INNER / 2, _HEIGHT - 3, f"{x} (upwards: {y})", "middle")]
    return _picture(title, [*levels, *lines, *marks, *names]) + _legend([name for name, _ in series])


def shares(rows: Sequence[tuple[str, float, str]], *, title: str) -> str:
    """A bar for each row, out of all.

    Args:
        rows: name, share from 0 to 1, and what is written behind.
        title: what the picture shows.
    """
    height = _ROW * len(rows) + 8
    pieces = []
    for place, (name, share, note) in enumerate(rows):
        y = 4 + _ROW * place
        pieces += [
            f'<rect class="rest" x="{_NAMES}" y="{y}" width="{_BAR}" height="{_ROW - 8}"/>',
            f'<rect class="a" x="{_NAMES}" y="{y}" width="{_BAR * share:.1f}" height="{_ROW - 8}"/>',
            _text(_NAMES - 8, y + 13, name, "end"),
            _text(_NAMES + _BAR + 8, y + 13, note, "start"),
        ]
    return _picture(title, pieces, height=height)


def _picture(title: str, parts: Sequence[str], *, height: int = _HEIGHT) -> str:
    label = escape(title, quote=True)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{label}"><title>{label}</title>'
        f"{''.join(parts)}</svg>"
    )


def _legend(names: Sequence[str]) -> str:
    entries = (f'<li class="{colour}">{escape(name)}</li>' for colour, name in zip(COLOURS, names, strict=False))
    return f'<ul class="legend">{"".join(entries)}</ul>'


def _levels(values: Sequence[float], most: float) -> list[str]:
    parts = []
    for value in values:
        height = _TOP + _TALL * (1 - value / most)
        parts += [_level(height), _text(_LEFT - 6, height + 4, f"{value:,.0f}", "end")]
    return parts


def _level(height: float) -> str:
    return f'<line class="level" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{height:.1f}" y2="{height:.1f}"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
