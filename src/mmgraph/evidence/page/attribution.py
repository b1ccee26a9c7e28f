"""What ``mmgraph-attribute RUN out=RUN/attribution.json`` found, where it was asked."""

import json
import math
from typing import Any

from mmgraph.evidence.finished import RunGroup
from mmgraph.evidence.page.plain import short

FILE = "attribution.json"
_TEXTS = ("change", "modalities", "split", "verdict")
_NUMBERS = ("level", "changed", "cost", "over_users", "level_floor", "paired_floor")


def attribution(group: RunGroup, metric: str) -> list[list[Any]] | None:
    """Rows of texts and numbers for the effects on a metric; None where the folders hold no such file.

    Raises:
        ValueError: if the file is damaged.
    """
    path = next((path for run in group.runs if (path := run.folder / FILE).is_file()), None)
    if path is None:
        return None
    try:
        effects = json.loads(path.read_text(encoding="utf-8"))["effects"]
        return [_row(effect) for effect in effects if effect["metric"] == metric]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ValueError(
            f"{path} is not what mmgraph-attribute writes ({error!r}); make it anew, or delete it"
        ) from error


def _row(effect: dict[str, Any]) -> list[Any]:
    return [*(str(effect[name]) for name in _TEXTS), *(_number(effect[name]) for name in _NUMBERS)]


def _number(value: Any) -> float | None:
    return short(value) if isinstance(value, float | int) and math.isfinite(value) else None
