"""What a search tries: the ranges among its words."""

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Any, TypeAlias

from hydra.core.override_parser.types import IntervalSweep, Override

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

Space: TypeAlias = "dict[str, str | BaseDistribution]"
"""By key, in the order of the words: the text of a value, or what it is drawn from."""

_TABLES = ("model", "dataset")
"""What is compared, not tuned: each value of these has a search of its own."""


def search_spaces(words: Sequence[Override]) -> list[Space]:
    """The space of each search that the words ask for.

    Args:
        words: the ranges of the sweeper, and behind them the words of the command line.

    Raises:
        ValueError: if there is nothing to choose, for a choice of seeds, or a range without a value.
    """
    found: dict[str, Override] = {word.get_key_element(): word for word in words}
    tables = {key: list(word.sweep_string_iterator()) for key, word in found.items() if _is_table(key, word)}
    if "seed" in found and found["seed"].is_sweep_override():
        raise ValueError(
            f"{found['seed'].input_line}: a search would choose the luckiest seed; search with one, then run its best "
            "words with several"
        )
    ranges: Space = {key: _range(word) for key, word in found.items() if key not in tables}
    if all(isinstance(value, str) for value in ranges.values()):
        raise ValueError(
            "a search needs something to choose: a range such as 'trainer.optimizer.lr=tag(log,interval(1e-4,1e-2))', "
            "or several values, model.num_layers=1,2,3"
        )
    return [{**dict(zip(tables, values, strict=True)), **ranges} for values in product(*tables.values())]


def _is_table(key: str, word: Override) -> bool:
    return key in _TABLES and word.is_sweep_override()


def _range(word: Override) -> "str | BaseDistribution":
    from optuna.distributions import CategoricalDistribution

    if not word.is_sweep_override():
        return str(word.get_value_element_as_str())
    value: Any = word.value()
    if word.is_interval_sweep():
        return _interval(value)
    value.shuffle = False  # what draws has no use for an order; the choices must be the same when a search goes on
    if word.is_range_sweep():
        return _steps(word, abs(value.step))
    return CategoricalDistribution(list(word.sweep_string_iterator()))


def _interval(value: IntervalSweep) -> "BaseDistribution":
    from optuna.distributions import FloatDistribution, IntDistribution

    kind = IntDistribution if isinstance(value.start, int) and isinstance(value.end, int) else FloatDistribution
    return kind(value.start, value.end, log="log" in value.tags)


def _steps(word: Override, step: float) -> "BaseDistribution":
    """Of a ``range``, whose end is not in it, as everywhere in Hydra."""
    from optuna.distributions import FloatDistribution, IntDistribution

    values: list[Any] = sorted(word.sweep_iterator())  # type: ignore[type-var]  # of numbers
    if not values:
        raise ValueError(f"{word.input_line}: the range has no value")
    kind = IntDistribution if all(isinstance(value, int) for value in values) else FloatDistribution
    return kind(values[0], values[-1], step=step)
