"""Rows of an analysis for programs."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any


def csv_text(rows: Sequence[Mapping[str, Any]]) -> str:
    r"""Rows of the same keys as CSV, figures in full; a list is its values with blanks between.

    Args:
        rows: at least one.

    Example:
        >>> csv_text([{"run": "a, b", "seeds": [0, 1], "recall@20": 0.25}])
        'run,seeds,recall@20\n"a, b",0 1,0.25\n'
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _plain(value) for key, value in row.items()} for row in rows)
    return text.getvalue()


def _plain(value: Any) -> Any:
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else value
