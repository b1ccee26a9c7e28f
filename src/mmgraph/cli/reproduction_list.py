"""Papers, their tables and figures, and what they cost."""

from collections import Counter
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from mmgraph.evidence.reproduce.catalogue import items_of, load_item, papers
from mmgraph.evidence.reproduce.item import KINDS, RUNS, Item
from mmgraph.pipeline.catalog import list_models
from mmgraph.terminal import PlainConsole

_COSTS = ("closed form", "light", "medium", "heavy")


def show_items(chosen: Sequence[str]) -> None:
    """Prints what can be made again, of one paper or of all.

    Args:
        chosen: a paper's name, or nothing.

    Raises:
        ValueError: if there is no such paper.
    """
    table = Table(title="a run is a row on one data set with one seed")
    for head in ("paper", "item", "shows", "runs", "by cost"):
        table.add_column(head)
    costs = {model.name: model.cost for model in list_models()}
    for paper in chosen or papers():
        for name in items_of(paper):
            item = load_item(paper, name)
            cells = paper, name, item.title, str(_count(item)), _cost(item, costs)
            table.add_row(*map(Text, cells))
        table.add_section()
    console = PlainConsole()
    console.table(table)
    console.print_line(
        "cost of an epoch on Amazon Sports, one thread of a CPU: light up to 20 s, medium up to 60 s, heavy beyond\n"
        "mmgraph-reproduce PAPER ITEM plan=true says what would be run; --help has examples"
    )


def _count(item: Item) -> int:
    return sum(row.why_not is None for row in item.rows) if item.kind == RUNS else 0


def _cost(item: Item, costs: dict[str, str]) -> str:
    if item.kind != RUNS:
        return KINDS[item.kind]
    made = [row for row in item.rows if row.why_not is None]
    # A fusion of finished runs is as quick as a closed form.
    counts = Counter(_COSTS[0] if row.fuses else costs[_model([*item.words, *row.words])] for row in made)
    return ", ".join(f"{counts[cost]} {cost}" for cost in _COSTS if counts[cost])


def _model(words: Sequence[str]) -> str:
    """What ``model=`` says."""
    (name,) = (word.partition("=")[2] for word in words if word.startswith("model="))
    return name
