"""What is given to read: paths or data frames, with the part of the split that each is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mmgraph.prepare.engine import Engine
from mmgraph.prepare.sources.columnar import frame
from mmgraph.prepare.sources.dialect import first_line
from mmgraph.prepare.sources.folders import File, files_of
from mmgraph.prepare.sources.opening import Reading, open_file
from mmgraph.prepare.sources.source import Source

PARTS = ("train", "val", "test")


@dataclass(frozen=True)
class Inputs:
    """What is read, and how.

    Attributes:
        interactions: paths and data frames by word: ``interactions``, or ``train``, ``val`` and ``test``.
        items: paths and data frames with tables of items.
        columns: names of columns of interactions by meaning; None for one that is not to be read.
        item_columns: columns of a table of items by the name that they get, ``item`` for that of the ids; None for one
            that is not to be read.
        reading: how files of interactions are read.
        item_reading: how tables of items are read.

    Raises:
        ValueError: there are interactions beside parts, or parts without train or test.
    """

    interactions: Mapping[str, Sequence[Any]]
    items: Sequence[Any] = ()
    columns: Mapping[str, str | None] = field(default_factory=dict)
    item_columns: Mapping[str, str | None] = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)
    item_reading: Reading = field(default_factory=Reading)

    def __post_init__(self) -> None:
        given = {word for word, inputs in self.interactions.items() if inputs}
        if not given:
            raise ValueError("there is nothing to read: give files of interactions, or train= and test=")
        if "interactions" in given and len(given) > 1:
            raise ValueError(f"{', '.join(sorted(given - {'interactions'}))}: give all interactions as parts, or none")
        if given != {"interactions"} and not {"train", "test"} <= given:
            raise ValueError(
                f"{', '.join(sorted(given))}: a given split needs train= and test= (val= is drawn if absent)"
            )


def listed(given: Any) -> list[Any]:
    """One or several paths or data frames as a list.

    >>> listed("a.csv"), listed(["a.csv", "b.csv"]), listed(None)
    ([PosixPath('a.csv')], [PosixPath('a.csv'), PosixPath('b.csv')], [])
    """
    if given is None:
        return []
    several = given if isinstance(given, Sequence) and not isinstance(given, str) else [given]
    return [Path(one).expanduser() if isinstance(one, str | Path) else one for one in several]


def single_inter(inputs: Inputs) -> Path | None:
    """The ``.inter`` file where all that is given is one folder in MMRec's layout."""
    given = inputs.interactions.get("interactions", [])
    if len(given) != 1 or not isinstance(given[0], Path) or not given[0].is_dir():
        return None
    found = sorted(given[0].glob("*.inter"))
    # RecBole writes types into the header.
    return found[0] if len(found) == 1 and ":" not in first_line(found[0]) else None


class Opener:
    """Opens inputs for an engine.

    Args:
        engine: is going to read them.
        scratch: folder for copies.
    """

    def __init__(self, engine: Engine, *, scratch: Path) -> None:
        self.engine = engine
        self.scratch = scratch

    def open(self, word: str, given: Sequence[Any], reading: Reading) -> list[Source]:
        """Opens what a word gave.

        Args:
            word: its name.
            given: paths and data frames.
            reading: how files are read.
        """
        label = PARTS.index(word) if word in PARTS else None
        sources = []
        for place, one in enumerate(given):
            if isinstance(one, Path):
                files = files_of(one) if label is None else [File(file.path, label) for file in files_of(one)]
                sources += [open_file(file, reading, engine=self.engine, scratch=self.scratch) for file in files]
            else:
                name = word if place == 0 else f"{word} {place + 1}"
                table = frame(one, self.engine, name=name)
                sources.append(replace(table, name=name, file={"name": name}, label=label))
        return sources
