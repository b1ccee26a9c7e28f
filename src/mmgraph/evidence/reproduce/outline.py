"""What would be run."""

from collections import Counter
from dataclasses import dataclass

from mmgraph.evidence.reproduce.plan import Plan
from mmgraph.evidence.reproduce.store import Slot

_STATES = ("finished", "to go on with", "to train")


@dataclass(frozen=True)
class Outline:
    """What would be run for an item, printed as lines.

    Attributes:
        title: the item.
        runs: a state and a name each, of different runs.
        impossible: why rows cannot be made, by row and data set.
        datasets: on what.
    """

    title: str
    runs: list[tuple[str, str]]
    impossible: dict[str, str]
    datasets: tuple[str, ...]

    def __repr__(self) -> str:
        """A line for each run, and for each row that cannot be made."""
        counts = Counter(state for state, _ in self.runs)
        listed = ", ".join(f"{counts[state]} {state}" for state in _STATES if counts[state])
        lines = [self.title, f"{len(self.runs)} runs ({listed}) on {', '.join(self.datasets)}"]
        lines += [f"  {state:<15} {name}" for state, name in self.runs]
        return "\n".join([*lines, *(f"  {'not made':<15} {name}: {why}" for name, why in self.impossible.items())])


def outline(plan: Plan) -> Outline:
    """The outline of a plan."""
    item = plan.request.item
    runs = [(_state(slot), run.name) for slot, run in plan.slots.items()]
    impossible = {f"{row.label}, {dataset}": why for (row, dataset), why in plan.reasons.items()}
    return Outline(f"{item.paper} {item.name}: {item.title}", runs, impossible, plan.request.datasets)


def _state(slot: Slot) -> str:
    if slot.is_finished:
        return _STATES[0]
    return _STATES[1] if slot.is_begun else _STATES[2]
