"""Which runs an item needs, and which of its rows cannot be made."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from omegaconf import DictConfig, OmegaConf

from mmgraph.config.instantiate import instantiate
from mmgraph.config.values import setting
from mmgraph.datasets.base import InteractionDataset
from mmgraph.evidence.reproduce.item import Row
from mmgraph.evidence.reproduce.request import Request, composed
from mmgraph.evidence.reproduce.store import Slot, fused_slot, placing_settings, slot_of

_CALLED = {"image": ("image", "visual"), "text": ("text", "textual")}
"""What data sets call the modalities of the papers."""


@dataclass(frozen=True)
class Planned:
    """A run.

    Args:
        row: the row that it is of.
        dataset: the data set, as ``dataset=`` calls it.
        seed: the seed.
        words: what is said to train it, but for the folder.
        slot: where it lies.
        members: the runs that it fuses, in place of training.
        settings: what its words meant when it was planned; None of a fusion.
    """

    row: Row
    dataset: str
    seed: int
    words: tuple[str, ...]
    slot: Slot
    members: tuple[Slot, ...] = ()
    settings: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)

    @property
    def is_as_planned(self) -> bool:
        """Whether its words still mean what they did: a file of the configuration may have changed since."""
        try:
            return self.settings is None or self.settings == _placing(composed(self.words))
        except ValueError:  # it cannot be read any more; who plans anew is told why
            return False

    @property
    def name(self) -> str:
        """For people."""
        section = f"{self.row.section}, " if self.row.section else ""
        return f"{section}{self.row.label}, {self.dataset}, seed {self.seed}"


@dataclass
class Plan:
    """What is to be run for an item.

    Args:
        request: what was asked for.
        runs: of all rows, data sets and seeds; two may share a place.
        reasons: why a row has no run on a data set, by both.
        summaries: counts of each data set.
    """

    request: Request
    runs: list[Planned] = field(default_factory=list)
    reasons: dict[tuple[Row, str], str] = field(default_factory=dict)
    summaries: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def slots(self) -> dict[Slot, Planned]:
        """The places, each with the first run that it serves."""
        found: dict[Slot, Planned] = {}
        for run in self.runs:
            found.setdefault(run.slot, run)
        return found


class _Known(NamedTuple):
    """What is kept of a data set: the features of the next one need the memory."""

    split: str
    features: str
    summary: dict[str, Any]


class Planner:
    """Composes every row, so that a word that is wrong fails before anything is run.

    Args:
        request: what was asked for.
    """

    def __init__(self, request: Request) -> None:
        self.request = request
        self.known: dict[str, _Known] = {}

    def plan(self) -> Plan:
        """The plan.

        Raises:
            ValueError: if a word is none, or a data set cannot be read; names the row.
            FileNotFoundError: if a data set is not there.
        """
        plan = Plan(self.request)
        configs = {(row, name): self._composed(row, name) for name in self.request.datasets for row in self._rows()}
        for (row, name), (words, cfg) in configs.items():
            base = self._known(cfg)
            plan.summaries.setdefault(name, base.summary)
            kept = None if row.without is None else _kept(row.without, list(base.summary["modalities"]))
            if kept is not None and kept.reason:
                plan.reasons[row, name] = f"{kept.reason} on {name}"
                continue
            if kept is not None:
                words = [*words, setting("dataset.modalities", kept.names)]
                cfg = composed(words)
            plan.runs += self._runs(row, name, words, cfg)
        for row in self.request.item.rows:
            if row.why_not is not None:
                plan.reasons |= {(row, name): row.why_not for name in self.request.datasets}
        plan.runs += self._fusions(plan)
        return plan

    def _rows(self) -> Iterator[Row]:
        return (row for row in self.request.item.rows if row.why_not is None and not row.fuses)

    def _fusions(self, plan: Plan) -> list[Planned]:
        """What adds the scores of planned runs of the same seed."""
        by_row: dict[tuple[str, str], list[Planned]] = {}
        for run in plan.runs:
            by_row.setdefault((run.row.label, run.dataset), []).append(run)
        found: list[Planned] = []
        for row in self.request.item.rows:
            for name in self.request.datasets if row.fuses else ():
                rows = [by_row.get((label, name), []) for label in row.fuses]
                if all(rows):
                    found += self._fused(row, name, rows)
                else:
                    lacking = row.fuses[rows.index([])]
                    plan.reasons[row, name] = f"it needs {lacking}, which is not made"
        return found

    def _fused(self, row: Row, name: str, rows: Sequence[Sequence[Planned]]) -> Iterator[Planned]:
        """A run for each seed; of a row without seeds the one run that there is."""
        for place, seed in enumerate(self.request.seeds):
            members = tuple(runs[min(place, len(runs) - 1)].slot for runs in rows)
            yield Planned(row, name, seed, (), fused_slot(self.request.runs, members, seed=seed), members)

    def _composed(self, row: Row, dataset: str) -> tuple[list[str], DictConfig]:
        """What is said of a row comes last: it is what the row is."""
        words = [*self.request.item.words, f"dataset={dataset}", *self.request.words, *row.words]
        try:
            return words, composed(words)
        except ValueError as error:
            raise ValueError(f"row {row.label!r} on {dataset}: {error}") from error

    def _known(self, cfg: DictConfig) -> _Known:
        key = json.dumps(OmegaConf.to_container(cfg.dataset), sort_keys=True)
        if key not in self.known:
            dataset = cast(InteractionDataset, instantiate(cfg.dataset, "dataset"))
            self.known[key] = _Known(dataset.split_hash, dataset.feature_hash, dataset.summary)
        return self.known[key]

    def _runs(self, row: Row, name: str, words: list[str], cfg: DictConfig) -> Iterator[Planned]:
        known = self._known(cfg)
        settings = _placing(cfg)
        for seed in self.request.seeds if row.seeded else self.request.seeds[:1]:
            slot = slot_of(self.request.runs, settings, split=known.split, features=known.features, seed=seed)
            yield Planned(row, name, seed, (*words, f"seed={seed}"), slot, settings=settings)


def _placing(cfg: DictConfig) -> dict[str, Any]:
    return placing_settings(cast(Mapping[str, Any], OmegaConf.to_container(cfg)))


class _Kept(NamedTuple):
    names: list[str]
    reason: str


def _kept(role: str, modalities: list[str]) -> _Kept:
    """The modalities without one, or why it cannot be left out.

    >>> _kept("text", ["audio", "text"]).names, _kept("image", ["audio", "text"]).reason
    (['audio'], 'no image to leave out')
    """
    left_out = [name for name in modalities if name in _CALLED.get(role, (role,))]
    names = [name for name in modalities if name not in left_out]
    if not left_out:
        return _Kept([], f"no {role} to leave out")
    return _Kept(names, "" if names else f"nothing but {role}")
