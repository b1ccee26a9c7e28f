"""``prepare_data``: raw files, or data frames, become a folder."""

import shutil
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mmgraph.datasets import MMRecFolder
from mmgraph.prepare.bad_rows import BadRows
from mmgraph.prepare.columns import check_names
from mmgraph.prepare.engine import Engine
from mmgraph.prepare.inputs import Inputs, listed
from mmgraph.prepare.preparation import Preparation
from mmgraph.prepare.rules import Rules
from mmgraph.prepare.sources.opening import Reading
from mmgraph.prepare.steps import Steps

_MEMORY = 2 * 2**30


def prepare_data(
    interactions: Any = None,
    *,
    out: str | Path,
    items: Any = None,
    train: Any = None,
    val: Any = None,
    test: Any = None,
    columns: Mapping[str, str | None] | None = None,
    item_column: str | None = None,
    header: Sequence[str] | None = None,
    separator: str | None = None,
    quote: str | None = '"',
    encoding: str | None = None,
    repeats: str = "first",
    since: str | None = None,
    until: str | None = None,
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
        interactions: who took what, a row each: one or several files, folders of files, or data frames of pandas,
            Polars or Arrow.
        out: the folder to make; its name becomes that of the data set.
        items: tables of items, a row an item: ids and any further columns; files or data frames too.
        train: in place of ``interactions``, those to train on, where the split is given.
        val: those for validation; without them they are drawn from train.
        test: those to test on.
        columns: names of the columns of interactions, by meaning: ``user, item, rating, timestamp, x_label``; those
            that are not named are guessed, and told; ``None`` for one that is not to be read.
        item_column: the column of ``items`` that holds the ids.
        header: names of the columns where files have no line of them.
        separator: between fields, where the first line does not show it.
        quote: around fields that hold a separator; ``None`` where quotes are text.
        encoding: of text files, where it is not UTF-8.
        repeats: what becomes of a pair that occurs again: ``first`` or ``last`` keeps its earliest or latest row,
            ``count`` the earliest with the number of rows in a column ``weight``, ``drop`` none of its rows.
        since: earliest time, ISO 8601.
        until: time at which, and after which, nothing counts.
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
        repeats=repeats, since=since, until=until, min_rating=min_rating, k_core=k_core, min_user=min_user, min_item=min_item, split=split,
        ratios=ratios, split_seed=split_seed,
    )  # fmt: skip
    check_names(columns or {})
    reading = Reading(encoding, separator, quote or "", header)
    given = {"interactions": interactions, "train": train, "val": val, "test": test}
    inputs = Inputs(
        {word: listed(one) for word, one in given.items()}, listed(items), columns or {}, item_column, reading,
        replace(reading, header=None, movielens=("item", "title", "category")),
    )  # fmt: skip
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
