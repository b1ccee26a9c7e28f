"""Tables of groups as bars, as cells for people, and as files."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from mmgraph.evidence.csv_text import csv_text
from mmgraph.evidence.figures import COLOURS, HATCHES
from mmgraph.files import atomic_write

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Row = Mapping[str, Any]
_LEGEND_WIDTH = 70
"""Characters of a line of the legend."""
Tables = Sequence[tuple[str, Sequence[Row]]]


def cells(rows: Sequence[Row], metric: str) -> list[dict[str, str]]:
    """A row for each group, a column for each run: the mean, and the interval of the users.

    Example:
        >>> row = {"group": "0-5", "users": 1200, "targets": 1500, "run": "vbpr", "recall@20": 0.25, "interval": 0.01}
        >>> cells([row], "recall@20")
        [{'group': '0-5', 'users': '1,200', 'held-out items': '1,500', 'vbpr': '0.2500 ± 0.0100'}]
    """
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        line = found.setdefault(
            row["group"],
            {"group": row["group"], "users": f"{row['users']:,}", "held-out items": f"{row['targets']:,}"},
        )
        empty = row[metric] is None
        line[row["run"]] = "-" if empty else f"{row[metric]:.4f} ± {row['interval']:.4f}"
    return list(found.values())


def write_tables(tables: Tables, notes: Sequence[str], metric: str, path: Path) -> None:
    """Writes ``NAME.md``, ``NAME.csv`` or ``NAME.json``: whole, or not at all.

    Raises:
        OSError: if it cannot be written.
    """
    with atomic_write(path) as file:
        _WRITERS[path.suffix](file, tables, notes, metric)


def _write_markdown(file: IO[str], tables: Tables, notes: Sequence[str], metric: str) -> None:
    for title, rows in tables:
        lines = cells(rows, metric)
        file.write(f"**{metric}, {title}**\n\n")
        for shown in (list(lines[0]), ["--"] * len(lines[0]), *(list(line.values()) for line in lines)):
            file.write(f"| {' | '.join(text.replace('|', chr(92) + '|') for text in shown)} |\n")
        file.write("\n")
    file.write("".join(f"{note}\n\n" for note in notes))


def _write_csv(file: IO[str], tables: Tables, notes: Sequence[str], metric: str) -> None:
    file.write(csv_text([{"table": title, **row} for title, found in tables for row in found]))


def _write_json(file: IO[str], tables: Tables, notes: Sequence[str], metric: str) -> None:
    plain = [{"title": title, "rows": list(rows)} for title, rows in tables]
    json.dump({"metric": metric, "tables": plain, "notes": list(notes)}, file, indent=1, allow_nan=False)


_WRITERS: dict[str, Callable[[IO[str], Tables, Sequence[str], str], None]] = {
    ".md": _write_markdown,
    ".csv": _write_csv,
    ".json": _write_json,
}
ENDINGS = tuple(_WRITERS)


def draw_groups(figure: "Figure", *, tables: Tables, metric: str) -> None:
    """Bars by group, a colour and a hatch for each run, with the intervals; the users of each group below its name."""
    panels = figure.subplots(len(tables), 1, squeeze=False)[:, 0]
    for axes, (title, rows) in zip(panels, tables, strict=True):
        names = list(dict.fromkeys(row["run"] for row in rows))
        labels = list(dict.fromkeys(f"{row['group']}\n{row['users']:,} users" for row in rows))
        width = 0.8 / len(names)
        for place, name in enumerate(names):
            own = [row for row in rows if row["run"] == name]
            axes.bar(
                [x + (place - (len(names) - 1) / 2) * width for x in range(len(own))],
                [row[metric] or 0.0 for row in own],
                width,
                yerr=[row["interval"] or 0.0 for row in own],
                error_kw={"elinewidth": 0.8, "capsize": 2},
                color=COLOURS[place % len(COLOURS)],
                hatch=HATCHES[(place + place // len(COLOURS)) % len(HATCHES)],
                edgecolor="white",
                label=name if len(name) <= _LEGEND_WIDTH else f"{name[:_LEGEND_WIDTH]}…",
            )
        axes.set_xticks(range(len(labels)), labels, rotation=45 if len(labels) > 8 else 0, fontsize=8)
        axes.set_ylabel(metric)
        axes.set_title(title)
        if len(names) > 1:
            columns = max(1, min(3, len(names), _LEGEND_WIDTH // max(map(len, names))))
            axes.legend(ncols=columns, fontsize=8)
