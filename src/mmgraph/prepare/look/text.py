"""A data set as text."""

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from mmgraph.prepare.look.numbers import Look
from mmgraph.terminal import PlainConsole, printable


def print_look(look: Look, console: PlainConsole) -> None:
    """Prints what there is to see.

    Args:
        look: the data set in numbers.
        console: where.
    """
    for line in _lines(look):
        console.print_line(line)
    console.table(_spreads(look))
    if look.modalities:
        console.table(_modalities(look))
    if look.drift is not None:
        console.table(_drift(look))


def _lines(look: Look) -> Iterator[str]:
    counts = look.counts
    yield (
        f"{look.name}: {counts['users']:,} users, {counts['items']:,} items, {counts['interactions']:,} interactions "
        f"({look.density:.3%} of all pairs)"
    )
    name, digest = look.split
    yield (
        f"split {name}: {counts['train']:,} train, {counts['val']:,} validation, {counts['test']:,} test; "
        f"{counts['users_absent_from_train']:,} users and {counts['items_absent_from_train']:,} items absent from "
        f"train; hash {digest[:12]}"
    )
    for part, (users, items) in look.unseen.items():
        if users or items:
            yield f"in {part}: {users:,} users and {items:,} items that train does not know"
    if license := look.record.get("license"):
        yield f"license: {license}"
    for step in look.record.get("steps", []):
        yield (
            f"  {step['step']}: {step['interactions']:,} interactions, {step['users']:,} users, {step['items']:,} items"
        )
    for note in look.record.get("notes", []):
        yield f"  {note}"
    if look.drift is not None:
        drift = look.drift
        yield (
            f"from {drift.first} to {drift.last}; {drift.late_train:.1%} of train is later than the earliest of test; "
            f"{drift.ordered:.1%} of the users are tested on nothing earlier than what they are trained on"
        )


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place else "left")
    return table


def _spreads(look: Look) -> Table:
    table = _table("Interactions", "of a", "least", "25 %", "median", "75 %", "most", "mean", "top 1 % has", "Gini")
    for side, found in look.spreads.items():
        counts = [f"{value:,}" for value in found[:5]]
        table.add_row(side, *counts, f"{found.mean:.1f}", f"{found.top:.1%}", f"{found.gini:.2f}")
    return table


def _modalities(look: Look) -> Table:
    table = _table("Modalities", "modality", "numbers", "items that have it", "train interactions with such")
    for name, found in look.modalities.items():
        table.add_row(Text(printable(name)), f"{found.dim:,}", f"{found.items:.1%}", f"{found.interactions:.1%}")
    return table


def _drift(look: Look) -> Table:
    assert look.drift is not None
    table = _table("Time", "from", "train", "validation", "test", "new users", "new items", "most taken as before")
    for period in look.drift.periods:
        same = "-" if period.same is None else f"{period.same:.0%}"
        counts = [f"{value:,}" for value in (*period.parts, period.new_users, period.new_items)]
        table.add_row(period.start, *counts, same)
    return table
