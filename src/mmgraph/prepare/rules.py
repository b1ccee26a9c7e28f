"""What is done with interactions between file and folder."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mmgraph.prepare.engine import literal

REPEATS = ("first", "last", "count", "drop")
SPLITS = (
    "auto", "x_label", "x_label_draw_validation", "per_user_random", "per_user_time", "leave_one_out", "random",
    "global_time", "cold_items", "cold_users",
)  # fmt: skip
BY_RATIOS = ("random", "global_time", "cold_items", "cold_users")
BY_TIME = ("per_user_time", "global_time")
RATIOS = (0.8, 0.1, 0.1)


@dataclass(frozen=True)
class Rules:
    """The words that choose among interactions; :func:`~mmgraph.prepare_data` explains them.

    Raises:
        ValueError: a word has no such value.
    """

    repeats: str = "first"
    since: str | None = None
    until: str | None = None
    min_rating: float | None = None
    k_core: int | None = None
    min_user: int | None = None
    min_item: int | None = None
    all_items: bool = False
    split: str = "auto"
    ratios: Sequence[float] | None = None
    split_seed: int = 0

    def __post_init__(self) -> None:
        _one_of("repeats", self.repeats, REPEATS)
        _one_of("split", self.split, SPLITS)
        for name in ("k_core", "min_user", "min_item"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name}={value}: must be at least 1")
        if self.split_seed < 0:
            raise ValueError(f"split_seed={self.split_seed}: must be at least 0")
        if self.min_rating is not None and not math.isfinite(self.min_rating):
            raise ValueError(f"min_rating={self.min_rating}: must be a finite number")
        self._check_ratios()
        for name in ("since", "until"):
            _check_date(name, getattr(self, name))

    @property
    def least_user(self) -> int:
        """Interactions that a user must have."""
        return self.min_user or self.k_core or 1

    @property
    def least_item(self) -> int:
        """Interactions that an item must have."""
        return self.min_item or self.k_core or 1

    @property
    def cuts(self) -> tuple[float, float]:
        """The shares before validation and before test."""
        train, val, _ = map(float, self.ratios or RATIOS)
        # 0.8 + 0.1 is a little below 0.9 in binary.
        return train, round(train + val, 9)

    @property
    def window(self) -> str | None:
        """The SQL of what lies between ``since`` and ``until``; None for all."""
        bounds = [
            f"micros {sign} epoch_us(TIMESTAMPTZ {literal(text)})"
            for sign, text in ((">=", self.since), ("<", self.until))
            if text is not None
        ]
        return " AND ".join(bounds) or None

    def _check_ratios(self) -> None:
        if self.ratios is None:
            return
        if self.split not in BY_RATIOS:
            raise ValueError(
                f"ratios={list(self.ratios)}: split={self.split} takes none; leave it out, or use one of "
                f"{list(BY_RATIOS)}"
            )
        if len(self.ratios) != 3 or min(self.ratios) <= 0 or abs(sum(self.ratios) - 1) > 1e-6:
            raise ValueError(
                f"ratios={list(self.ratios)}: must be three positive shares of train, validation and test, sum 1"
            )


def _check_date(name: str, text: str | None) -> None:
    if text is not None:
        try:
            datetime.fromisoformat(text.replace("Z", "+00:00"))  # Python 3.10 knows no Z
        except ValueError:
            raise ValueError(
                f"{name}={text!r}: must be ISO 8601, as in 2024-01-31 or 2024-01-31T12:00:00+01:00"
            ) from None


def _one_of(name: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise ValueError(f"{name}={value!r}: must be one of {list(allowed)}")
