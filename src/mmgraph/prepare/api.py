"""``prepare_data``: raw files, or data frames, become a folder."""

import shutil
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from mmgraph.datasets import MMRecFolder
from mmgraph.prepare.bad_rows import BadRows
from mmgraph.prepare.columns import check_names
from mmgraph.prepare.engine import Engine
from mmgraph.prepare.preparation import Inputs, Preparation
from mmgraph.prepare.rules import Rules
from mmgraph.prepare.sources.opening import Reading
from mmgraph.prepare.steps import Steps

_MEMORY = 2 * 2**30


def prepare_data(
    interactions: str | Path | Sequence[str | Path],
    *,
    out: str | Path,
    items: str | Path | Sequence[str | Path] | None = None,
    columns: Mapping[str, str] | None = None,
    item_column: str | None = None,
    header: Sequence[str] | None = None,
    separator: str | None = None,
    quote: str | None = '"',
    encoding: str | None = None,
    repeats: str = "first",
    min_rating: float | None = None,
    k_core: int | None = None,
    min_user: int | None = None,
    min_item: int | None = None,
    split: str = "auto",
    ratios: Sequence[float] | None = None,
    split_seed: int = 0,
    bad_rows: str | Path | None = None,
    license: str | None = None,
    memory: int | None = None,
    threads: int | None = None,
    verbose: bool = True,
) -> MMRecFolder:
    """Makes a folder in MMRec's layout of files of interactions and a table of items.

    Args:
        interactions: files, or folders of files: who took what, a row each.
        out: the folder to make; its name becomes that of the data set.
        items: tables of items, a row an item: ids and any further columns.
        columns: names of the columns of interactions, by meaning: ``user, item, rating, timestamp, x_label``; those
            that are not named are guessed, and told.
        item_column: the column of ``items`` that holds the ids.
        header: names of the columns where files have no line of them.
        separator: between fields, where the first line does not show it.
        quote: around fields that hold a separator; ``None`` where quotes are text.
        encoding: of text files, where it is not UTF-8.
        repeats: what becomes of a pair that occurs again: ``first`` or ``last`` keeps its earliest or latest row,
            ``count`` the earliest with the number of rows in a column ``weight``, ``drop`` none of its rows.
        min_rating: least rating that counts as an interaction.
        k_core: drops users and items with fewer interactions until none is left.
        min_user: the same for users alone, in place of ``k_core``.
        min_item: the same for items alone.
        split: ``auto`` (the files' own, else per user at random) or one of :data:`~mmgraph.prepare.rules.SPLITS`.
        ratios: shares of train, validation and test where the split has such; 8:1:1 by default.
        split_seed: of what is drawn.
        bad_rows: file that rows go to which cannot be read, with place and reason; without it they are an error.
        license: of the data, for ``dataset.json``.
        memory: bytes that this may take.
        threads: of the engine; ``None`` for one a core.
        verbose: tell what is done.

    Raises:
        FileNotFoundError: an input is not there.
        FileExistsError: ``out`` is there.
        ValueError: a word or a row is wrong; names the word, or the file and line.
    """
    rules = Rules(
        repeats=repeats, min_rating=min_rating, k_core=k_core, min_user=min_user, min_item=min_item, split=split,
        ratios=ratios, split_seed=split_seed,
    )  # fmt: skip
    check_names(columns or {})
    reading = Reading(encoding, separator, quote or "", header)
    inputs = Inputs(_paths(interactions), _paths(items), columns or {}, item_column, reading)
    out = Path(out).expanduser()
    if out.exists():
        raise FileExistsError(f"out={out} is there already: choose another folder, or remove it first")
    work = out.parent / f".{out.name}.{uuid.uuid4().hex}.tmp"
    try:
        folder = work / "folder"
        scratch = work / "scratch"
        folder.mkdir(parents=True)
        scratch.mkdir()
        with Engine(work, memory=memory or _MEMORY, threads=threads) as engine:
            bad = BadRows(None if bad_rows is None else Path(bad_rows).expanduser())
            preparation = Preparation(engine, scratch=scratch, steps=Steps(quiet=not verbose), bad=bad)
            preparation.read(inputs)
            made = preparation.choose(rules)
            preparation.write(folder, name=out.name, rules=rules, split=made, license=license)
        folder.rename(out)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return MMRecFolder(out)


def _paths(given: str | Path | Sequence[str | Path] | None) -> list[Path]:
    listed = [] if given is None else [given] if isinstance(given, str | Path) else given
    return [Path(path).expanduser() for path in listed]
