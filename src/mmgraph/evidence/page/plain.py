"""Numbers and texts as the page has them: short, and never NaN."""

import math
from typing import Any

_DIGITS = 5
_LONGEST = 300


def short(value: float | None) -> float | None:
    """A number with as many digits as anybody reads; None for what is none.

    >>> short(0.123456789), short(float("nan")), short(None)
    (0.12346, None, None)
    """
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{_DIGITS}g}")


def shown(value: Any) -> str:
    """A setting as text.

    >>> shown(None), shown(0.001), shown(["train", "val"]), shown(True)
    ('null', '0.001', '[train, val]', 'true')
    """
    if isinstance(value, list | tuple):
        text = f"[{', '.join(map(shown, value))}]"
    elif value is None or isinstance(value, bool):
        text = {None: "null", True: "true", False: "false"}[value]
    else:
        text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
