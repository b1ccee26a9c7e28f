"""``prepare_data``: raw files, or data frames, become a folder."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmgraph.prepare.bad_rows import BadRows
from mmgraph.prepare.columns import check_names
from mmgraph.prepare.engine import Engine
from mmgraph.prepare.inputs import Inputs, listed
from mmgraph.prepare.preparation import Preparation
from mmgraph.prepare.room import check_disk, memory_bytes, new_folder
from mmgraph.prepare.rules import Rules
from mmgraph.prepare.sources.opening import Reading
from mmgraph.prepare.steps import Steps

if TYPE_CHECKING:
    import mmgraph.datasets


def prepare_data(
    interactions: Any = None,
    *,
    out: str | Path,
    items: Any = None,
    train: Any = None,
    val: Any = None,
    test: Any = None,
    columns: Mapping[str, str | None] | None = None,
    item_columns: Mapping[str, str | None] | None = None,
    header: Sequence[str] | None = None,
    separator: str | None = None,
    quote: str | None = '"',
    encoding: str | None = None,
    bad_rows: str | Path | None = None,
    since: str | None = None,
    until: str | None = None,
    repeats: str = "first",
    min_rating: float | None = None,
    k_core: int | None = None,
    min_user: int | None = None,
    min_item: int | None = None,
    all_items: bool = False,
    split: str = "auto",
    ratios: Sequence[float] | None = None,
    split_seed: int = 0,
    license: str | None = None,
    memory: str | int | None = None,
    threads: int | None = None,
    verbose: bool = True,
) -> "mmgraph.datasets.MMRecFolder":
    r"""Makes a folder in MMRec's layout of interactions with ids and times of any kind, and a table of items.

    Files may be CSV, TSV, JSON lines or Parquet, packed by gzip or zstd; LightGCN's ``train.txt`` and ``test.txt``,
    RecBole's atomic files, folders in MMRec's layout (whose features and original ids go along), MovieLens' ``.dat``,
    and ``.npz`` of SciPy with a row a user. Nothing is unpickled. The folder is written whole or not at all, and the
    same input gives the same bytes, whatever the order of lines, the memory or the number of threads.

    In this order: rows that cannot be read, ``since`` and ``until``, ``repeats``, ``min_rating``, then users and items
    with too little (``k_core``), then the split. ``dataset.json`` counts what each step left.

    Args:
        interactions: who took what, a row each: one or several files, folders of files, or data frames of pandas,
            Polars or Arrow.
        out: the folder to make; its name becomes that of the data set.
        items: tables of items, a row an item: ids and any further columns; files or data frames too.
        train: in place of ``interactions``, those to train on, where the split is given.
        val: those for validation; without them they are drawn from train.
        test: those to test on.
        columns: names of the columns of interactions, by meaning: ``user``, ``item``, ``rating``, ``timestamp``,
            ``weight``, ``x_label``; those that are not named are guessed, and shown; ``None`` for one that is not to be
            read.
        item_columns: columns of ``items`` by the name that they get: ``item`` for that of the ids, any other to rename
            (``image`` and ``audio`` name files, ``title`` and ``category`` are what pages and filters look for);
            ``None`` for one that is not to be read.
        header: names of the columns of interactions where files have no line of them.
        separator: between fields, where the first line does not show it.
        quote: around fields that hold a separator; ``None`` where quotes are text.
        encoding: of text files, where it is not UTF-8.
        bad_rows: file that rows go to which cannot be read, with place and reason; without it they are an error.
        since: earliest time that counts, ISO 8601.
        until: time from which on nothing counts any more.
        repeats: what becomes of a pair that occurs again: ``first`` or ``last`` keeps its earliest or latest row,
            ``count`` the earliest with the number of rows, or the sum of their weights, in a column ``weight``,
            ``drop`` none of its rows.
        min_rating: least rating that counts as an interaction.
        k_core: drops users and items with fewer interactions until none is left.
        min_user: the same for users, in place of ``k_core``.
        min_item: the same for items.
        all_items: keep the items of the table that do not occur in the interactions, numbered behind the others.
        split: ``auto`` (the files' own where they have one, else per user at random), ``x_label``,
            ``x_label_draw_validation``, ``per_user_random``, ``per_user_time``, ``random``, ``global_time`` (all as
            :func:`~mmgraph.datasets.split.split_labels` has them), ``leave_one_out`` (each user's last for test, the
            one before for validation; drawn where there are no times), ``cold_items`` or ``cold_users`` (all of an
            item's, or of a user's, interactions in one part).
        ratios: shares of train, validation and test, of interactions (``random``, ``global_time``), items or users
            (cold splits); 8:1:1 by default.
        split_seed: of what is drawn.
        license: of the data, for ``dataset.json``.
        memory: bytes, or a text such as ``"4GB"``, that this may take; by default half of the machine's, 4 GB at most.
        threads: of the engine; by default one a core.
        verbose: report what is done, to the error output.

    Returns:
        The folder as a data set.

    Raises:
        FileNotFoundError: an input is not there.
        FileExistsError: ``out`` is there.
        ModuleNotFoundError: DuckDB is not installed; names the extra.
        OSError: the disk has too little room; names how much is needed.
        ValueError: a word or a row is wrong; names the word, or the file and line.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> lines = ["ann,cup", "ann,jar", "ann,mug", "bob,jar", "bob,cup", "bob,tin"]
        >>> _ = (folder / "orders.csv").write_text("\n".join(["customer,product", *lines]))
        >>> prepare_data(folder / "orders.csv", out=folder / "shop", verbose=False).describe()
        'shop: 2 users, 4 items; 2 train, 2 validation, 2 test (split x_label); ... modalities: none'
        >>> (folder / "shop" / "users.tsv").read_text()
        'userID\toriginal_id\n0\tann\n1\tbob\n'
    """
    folder = prepare_folder(**locals())
    from mmgraph.datasets import MMRecFolder  # torch, which preparing does without: it would take memory and seconds

    return MMRecFolder(folder)


def prepare_folder(**words: Any) -> Path:
    """What :func:`prepare_data` does, with the same words, without opening the result, which memory may not hold.

    Returns:
        The folder.
    """
    call = inspect.signature(prepare_data).bind(**words)
    call.apply_defaults()
    given = call.arguments
    rules = Rules(**{rule.name: given[rule.name] for rule in fields(Rules)})
    inputs = _inputs(given)
    out = Path(given["out"]).expanduser()
    bad = BadRows(None if given["bad_rows"] is None else Path(given["bad_rows"]).expanduser())
    memory = memory_bytes(given["memory"])
    steps = Steps(quiet=not given["verbose"])
    with new_folder(out) as work:
        steps.report(check_disk(inputs, work))
        with Engine(work.scratch, memory=memory, threads=given["threads"]) as engine:
            preparation = Preparation(engine, scratch=work.scratch, steps=steps, bad=bad)
            preparation.read(inputs)
            split = preparation.choose(rules)
            preparation.write(work.folder, name=out.name, rules=rules, split=split, license=given["license"])
    return out


def _inputs(given: Mapping[str, Any]) -> Inputs:
    check_names(given["columns"] or {})
    reading = Reading(given["encoding"], given["separator"], given["quote"] or "", given["header"])
    return Inputs(
        {word: listed(given[word]) for word in ("interactions", "train", "val", "test")},
        listed(given["items"]),
        given["columns"] or {},
        given["item_columns"] or {},
        reading,
        replace(reading, header=None, movielens=("item", "title", "category")),
    )
