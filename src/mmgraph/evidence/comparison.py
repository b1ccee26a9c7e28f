"""The outcome of a comparison: a row for each model, and what may be said of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, sqrt

from mmgraph.evidence.statistics import LEVEL, Anova, PairedDifference

BASELINE = "baseline"
EQUAL = "the same for every user"
TOO_SMALL = "smaller than this test set can show"
CHANCE = "not beyond what chance gives"
SEEDS = "within what seeds differ by"
BEYOND = "beyond what chance gives"
SPREAD = 2.0
"""Standard errors over seeds that a difference must exceed."""


@dataclass(frozen=True)
class ComparedRow:
    """A model in a comparison.

    Args:
        name: of the model, and what it was told beside.
        seeds: of its runs.
        mean: of the metric over users and seeds.
        deviation: standard deviation over seeds of the mean over users; None of one seed, 0 of a closed form.
        against: how it differs from the baseline; None of the baseline itself.
        adjusted: the first test's p, corrected for the number of rows; None of the baseline.
        by_seed: standard error of the difference that seeds bring; None where a deviation is not known.
        group: letters that it shares with those it is not told apart from; none of two rows.
    """

    name: str
    seeds: Sequence[int]
    mean: float
    deviation: float | None
    against: PairedDifference | None = None
    adjusted: float | None = None
    by_seed: float | None = None
    group: str = ""

    @property
    def is_beyond_chance(self) -> bool:
        """Whether a difference may be claimed."""
        return self.verdict.startswith(("better", "worse"))

    @property
    def verdict(self) -> str:
        """In plain words; nobody may claim less than what is detectable."""
        found = self.against
        if found is None or self.adjusted is None:
            return BASELINE
        size = abs(found.difference)
        if not size and not found.detectable:
            return EQUAL
        if size < found.detectable:
            return TOO_SMALL
        if self.adjusted >= LEVEL:
            return CHANCE
        if self.by_seed is not None and size < SPREAD * self.by_seed:
            return SEEDS
        direction = "better" if found.difference > 0 else "worse"
        unknown = "" if self.by_seed is not None else " among users; what seeds bring is not known"
        return f"{direction}, {BEYOND}{unknown}"


def seed_error(deviation: float | None, count: int, other_deviation: float | None, other_count: int) -> float | None:
    """Standard error of a difference of two means over seeds; None where a deviation is not known.

    Example:
        >>> seed_error(0.003, 1, 0.004, 1), seed_error(0.0, 1, None, 1)
        (0.005, None)
    """
    if deviation is None or other_deviation is None:
        return None
    return hypot(deviation / sqrt(count), other_deviation / sqrt(other_count))


@dataclass(frozen=True, repr=False)
class Comparison:
    """What :func:`mmgraph.compare` found; printed, it is a table in Markdown.

    Args:
        dataset: name of the data set.
        metric: what was compared, ``"recall@20"``.
        split: on which split.
        users: how many there are.
        baseline: the row that the others are compared with.
        correction: for many rows, ``"holm"`` or ``"bh"``.
        tests: names of the tests; p of the first is corrected and decides.
        rows: a model each, best first.
        anova: whether all are the same, by repeated measures over users; None of two rows.
    """

    dataset: str
    metric: str
    split: str
    users: int
    baseline: str
    correction: str
    tests: Sequence[str]
    rows: Sequence[ComparedRow]
    anova: Anova | None = None

    def __getitem__(self, name: str) -> ComparedRow:
        """A row by its name.

        Raises:
            KeyError: if there is none; names those that are there.
        """
        for row in self.rows:
            if row.name == name:
                return row
        raise KeyError(f"there is no row {name!r}; the rows are {', '.join(row.name for row in self.rows)}")

    def __repr__(self) -> str:
        """As Markdown."""
        from mmgraph.evidence.comparison_text import to_markdown

        return to_markdown(self)
