"""What the jobs of a sweep came to, side by side."""

import csv
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from rich.table import Table
from rich.text import Text

from mmgraph.cli.study_figure import draw_search
from mmgraph.cli.study_summary import StudySummary, record_searches, study_summaries
from mmgraph.cli.sweep_folder import read_notes
from mmgraph.config.extras import missing_package
from mmgraph.evidence.figures import write_figure
from mmgraph.files import atomic_write
from mmgraph.pipeline.run_folder import CONFIG, REPORT
from mmgraph.terminal import PlainConsole, printable

MARKDOWN = "sweep.md"
CSV = "sweep.csv"
_SHOWN = 20
_NOTE_WIDTH = 32  # of the note on a terminal: why a job failed may be long
_MARK = "best"
_PRUNED = "pruned"


@dataclass
class _Job:
    """A job: its words by key, what it came to, and what there is to note of it."""

    name: str
    words: dict[str, str]
    figures: dict[str, float] = field(default_factory=dict)
    rival: tuple[str, ...] = ()
    note: str = ""


def report_sweep(folder: Path) -> None:
    """Writes ``sweep.md`` and ``sweep.csv`` with all jobs of a sweep, and prints the best of them by validation.

    Jobs are compared with those on the same data set by the same metric, trials with those of their search; of each
    such group one is marked. Searches add a sentence and a picture each.

    Args:
        folder: of the sweep.
    """
    jobs = _jobs(folder)
    if not jobs:
        return
    summaries = study_summaries(folder)
    record_searches(folder, summaries)
    pictures = _pictures(folder, summaries)
    _mark_best(jobs)
    keys = _differing(jobs)
    figures = list(dict.fromkeys(name for job in jobs for name in job.figures))
    columns = ["job", *keys, *figures, "note"]
    rows = [_row(job, keys, figures) for job in jobs]
    with atomic_write(folder / CSV) as file:
        csv.writer(file, lineterminator="\n").writerows([columns, *rows])
    with atomic_write(folder / MARKDOWN) as file:
        lines = [_line(columns), _line(["--"] * len(columns)), *map(_line, rows)]
        for summary in summaries:
            lines += ["", summary.sentence]
        lines += [text for path in pictures for text in ("", f"![{path.stem}]({path.name})")]
        file.write("\n".join(lines) + "\n")
    _show(folder, columns, jobs, rows)
    for summary in summaries:
        PlainConsole().print_line(summary.sentence)


def _pictures(folder: Path, summaries: list[StudySummary]) -> list[Path]:
    """Draws each search; a package that is missing costs the pictures alone."""
    try:
        return [
            write_figure(draw_search(summary), folder, f"search-{summary.name}")[0]
            for summary in summaries
            if summary.best is not None
        ]
    except ModuleNotFoundError as error:
        PlainConsole().print_line(f"no picture of the search: {missing_package(error.name or '') or error}")
        return []


def _jobs(folder: Path) -> list[_Job]:
    """The jobs in the order of their numbers, those without a folder among them."""
    notes = read_notes(folder)
    places = {path.parent.name: path.parent for path in folder.glob(f"*/{CONFIG}")}
    jobs = [_job(places.get(name, folder / name), notes.get(name)) for name in places.keys() | notes.keys()]
    return sorted(jobs, key=lambda job: (len(job.name), job.name))


def _job(place: Path, note: dict[str, Any] | None) -> _Job:
    if note is not None:
        return _Job(place.name, _by_key(note.get("words", [])), note=str(note.get("note", "")).partition("\n")[0])
    with suppress(OSError, ValueError, LookupError, TypeError):  # no report, or none that mmgraph wrote
        return _finished(place.name, json.loads((place / REPORT).read_text(encoding="utf-8")))
    words = OmegaConf.select(OmegaConf.load(place / CONFIG), "overrides", default=[])
    return _Job(place.name, _by_key(words), note="not finished")


def _finished(name: str, report: dict[str, Any]) -> _Job:
    search = name.rpartition("-")[0]  # of trials, where a sweep has several searches
    config = report["config"]
    history = report["history"]
    monitor = config["trainer"]["monitor"]
    seconds = sum(row["seconds"] + row.get("evaluation_seconds", 0.0) for row in history)
    figures = {f"val {monitor}": report["val"][monitor], f"test {monitor}": report["test"][monitor]}
    figures |= {"epochs": len(history), "minutes": seconds / 60}
    return _Job(name, _by_key(config["overrides"]), figures, rival=(report["dataset"], f"val {monitor}", search))


def _by_key(words: Iterable[str]) -> dict[str, str]:
    parted = [word.partition("=") for word in words]
    return {key: value for key, _, value in parted}


def _differing(jobs: list[_Job]) -> list[str]:
    """Keys whose values are not the same in all jobs."""
    keys = dict.fromkeys(key for job in jobs for key in job.words)
    return [key for key in keys if len({job.words.get(key) for job in jobs}) > 1]


def _mark_best(jobs: list[_Job]) -> None:
    for rival in dict.fromkeys(job.rival for job in jobs if job.rival):
        best = max((job for job in jobs if job.rival == rival), key=_validation)
        best.note = _MARK


def _validation(job: _Job) -> float:
    return job.figures[job.rival[1]] if job.rival else float("-inf")


def _row(job: _Job, keys: list[str], figures: list[str]) -> list[str]:
    formats = {"epochs": "d", "minutes": ".1f"}
    cells = [format(job.figures[name], formats.get(name, ".5f")) if name in job.figures else "" for name in figures]
    return [job.name, *(job.words.get(key, "") for key in keys), *cells, job.note]


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _show(folder: Path, columns: list[str], jobs: list[_Job], rows: list[list[str]]) -> None:
    """All jobs where they are few, else the best by validation."""
    order = list(range(len(jobs)))
    if len(jobs) > _SHOWN:
        order = sorted(order, key=lambda position: _validation(jobs[position]), reverse=True)[:_SHOWN]
    table = Table(title=f"{len(jobs)} jobs" + (f", the best {_SHOWN} by validation" if len(jobs) > _SHOWN else ""))
    for column in columns:
        table.add_column(Text(printable(column)))
    table.columns[-1].no_wrap = True
    table.columns[-1].max_width = _NOTE_WIDTH
    for position in order:
        style = "bold" if jobs[position].note == _MARK else None
        table.add_row(*(Text(printable(cell)) for cell in rows[position]), style=style)
    console = PlainConsole()
    console.table(table)
    unfinished = sum(not job.figures and not job.note.startswith(_PRUNED) for job in jobs)
    missing = f"; {unfinished} of them failed or were cut off: the same command tries them again" if unfinished else ""
    console.print_line(f"all {len(jobs)} jobs: {folder / MARKDOWN}, {folder / CSV}{missing}")
