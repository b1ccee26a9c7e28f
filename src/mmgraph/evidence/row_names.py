"""Names of rows: the model, what was said beside, and what else sets a row apart from others of the same name."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from omegaconf import OmegaConf

from mmgraph.evidence.finished import FinishedRun, RunGroup
from mmgraph.evidence.settings import settings_of
from mmgraph.pipeline.run_folder import settings_by_key

_MOST = 4


def row_names(groups: Sequence[RunGroup]) -> list[str]:
    """Models, the words that not all share, and what :func:`set_apart` adds: no two are the same."""
    words = [[f"dataset={group.runs[0].report.dataset}", *group.runs[0].words.split()] for group in groups]
    shared = set.intersection(*map(set, words)) if words else set()
    return [
        " ".join([group.runs[0].report.model, *(word for word in said if word not in shared), *more])
        for group, said, more in zip(groups, words, set_apart(groups), strict=True)
    ]


def set_apart(groups: Sequence[RunGroup]) -> list[list[str]]:
    """What sets each group apart from others of its data set, model and words; nothing where there is no other.

    The same words come to other settings where a file of ``conf/`` has changed between two runs. These settings are
    given as words; where none tells the groups apart, as with other features or another split, the folder is.
    """
    alike: defaultdict[tuple[str, str, frozenset[str]], list[int]] = defaultdict(list)
    for place, group in enumerate(groups):
        first = group.runs[0]
        alike[first.report.dataset, first.report.model, frozenset(first.words.split())].append(place)
    found: list[list[str]] = [[] for _ in groups]
    for places in alike.values():
        for place, words in zip(places, _apart([groups[place].runs[0] for place in places]), strict=True):
            found[place] = words
    return found


def _apart(runs: Sequence[FinishedRun]) -> list[list[str]]:
    if len(runs) == 1:
        return [[]]
    stated = [_leaves(settings_of(run.report.config)) for run in runs]
    keys = dict.fromkeys(key for settings in stated for key in settings)
    differing = [key for key in keys if any(settings.get(key) != stated[0].get(key) for settings in stated)]
    words = [_words(run, differing[:_MOST]) for run in runs]
    folders = [f"({run.folder})" for run in runs]
    return [said if words.count(said) == 1 else [*said, place] for said, place in zip(words, folders, strict=True)]


def _words(run: FinishedRun, keys: Sequence[str]) -> list[str]:
    """As the configuration has them, which states defaults, too."""
    settings = _leaves(run.report.config)
    return [f"{key}={settings[key]}" for key in keys if key in settings]


def _leaves(config: dict[str, Any]) -> dict[str, Any]:
    """Settings by dotted key, but for lists of settings."""
    leaves = settings_by_key(OmegaConf.create(config))
    return {key: value for key, value in leaves.items() if not isinstance(value, list)}
