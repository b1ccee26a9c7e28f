"""The way from files to a folder, step by step."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmgraph.prepare import filters, numbering, output, staging
from mmgraph.prepare.bad_rows import BadRows
from mmgraph.prepare.columns import find_columns
from mmgraph.prepare.engine import Engine
from mmgraph.prepare.id_check import check_items, lonely_items, similar_ids
from mmgraph.prepare.inputs import Inputs, Opener, single_inter
from mmgraph.prepare.items import id_column, read_tables
from mmgraph.prepare.record import versions, write_record
from mmgraph.prepare.rules import Rules
from mmgraph.prepare.sources.source import Source
from mmgraph.prepare.splits import PARTS, label_rows
from mmgraph.prepare.steps import Steps
from mmgraph.prepare.times import micros_of

if TYPE_CHECKING:
    from mmgraph.prepare.mmrec import MMRecInput


class Preparation:
    """Reads, chooses, splits and writes, with the tables of one engine.

    Args:
        engine: an empty database.
        scratch: folder for copies of files.
        steps: report what is done.
        bad: is handed the rows that cannot be read.
    """

    def __init__(self, engine: Engine, *, scratch: Path, steps: Steps, bad: BadRows) -> None:
        self.engine = engine
        self.scratch = scratch
        self.steps = steps
        self.bad = bad
        self.files: list[Mapping[str, Any]] = []
        self.columns: dict[str, Mapping[str, str]] = {}
        self.item_columns: list[str] | None = None
        self.mmrec: MMRecInput | None = None

    def read(self, inputs: Inputs) -> None:
        """Reads all inputs; makes ``pairs``, and ``item_rows`` where there is a table of items."""
        if inter := single_inter(inputs):
            from mmgraph.prepare.mmrec import MMRecInput  # imports torch, which nothing else here needs

            self.mmrec = MMRecInput(inter)
            inputs = self.mmrec.adapt(inputs)
        opener = Opener(self.engine, scratch=self.scratch)
        parts = inputs.interactions.items()
        sources = [source for word, given in parts for source in opener.open(word, given, inputs.reading)]
        tables = opener.open("items", inputs.items, inputs.item_reading)
        roles = [find_columns(source.header, inputs.columns, place=source.name) for source in sources]
        self._read_interactions(sources, roles)
        if tables:
            named = dict(inputs.item_columns)
            ids = named.pop("item", None)
            columns = [id_column(table, ids, roles[0]["item"]) for table in tables]
            self.item_columns = read_tables(self.engine, tables, columns, self.bad, named)
            self.steps.notes_of(check_items(self.engine, [table.name for table in tables]))
        self.files = [{**source.file, **self.bad.counts(source.name)} for source in [*sources, *tables]]
        if self.bad.found:
            self.bad.write()
            self.steps.notes_of([f"{len(self.bad.found):,} rows that cannot be read are set aside in {self.bad.file}"])

    def _read_interactions(self, sources: Sequence[Source], roles: Sequence[Mapping[str, str]]) -> None:
        staging.create(self.engine)
        for source, found in zip(sources, roles, strict=True):
            self._tell_columns(source, found)
            with self.steps.working(f"reading {source.name}", self.engine):
                staging.add(self.engine, source, found, self.bad)
        if self.mmrec is not None:
            self.mmrec.translate(self.engine)
            self.steps.notes_of(self.mmrec.notes())
        micros, note = micros_of(self.engine)
        self.steps.notes_of([f"timestamps are {note}"] if note else [])
        numbering.number_ids(self.engine)
        self.steps.notes_of(similar_ids(self.engine))
        with self.steps.step("read", self.engine):
            numbering.number_pairs(self.engine, micros=micros)

    def choose(self, rules: Rules) -> str:
        """Leaves out what the rules leave out and splits the rest; returns the split's name."""
        if rules.all_items and self.item_columns is None:
            raise ValueError("all_items=true: there is no table of items; give items=")
        if self.item_columns is not None and not rules.all_items:
            self.steps.notes_of(lonely_items(self.engine))
        if rules.window is not None:
            with self.steps.step("since and until", self.engine):
                filters.keep_between(self.engine, rules)
        with self.steps.step(f"repeats={rules.repeats}", self.engine):
            note = filters.merge_repeats(self.engine, rules.repeats)
        self.steps.notes_of(note)
        if rules.min_rating is not None:
            with self.steps.step(f"min_rating={rules.min_rating:g}", self.engine):
                filters.keep_rated(self.engine, rules.min_rating)
        if rules.least_user > 1 or rules.least_item > 1:
            with self.steps.step(f"min_user={rules.least_user} min_item={rules.least_item}", self.engine):
                filters.keep_core(self.engine, rules)
        with self.steps.working(f"split={rules.split}", self.engine):
            return label_rows(self.engine, rules)

    def write(self, folder: Path, *, name: str, rules: Rules, split: str, license: str | None) -> None:
        """Writes the files of the folder.

        Args:
            folder: where.
            name: of the data set.
            rules: for the record.
            split: the split that was made.
            license: of the data, as the user gave it.
        """
        numbering.number_kept(self.engine, all_items=rules.all_items)
        weighted = rules.repeats == "count" or any("weight" in roles for roles in self.columns.values())
        output.write_interactions(self.engine, folder / f"{name}.inter", weights=weighted)
        output.write_ids(self.engine, folder, self.item_columns or [])
        if self.mmrec is not None:
            self.mmrec.take_features(self.engine, folder)
        counts = dict(self.engine.rows("SELECT label, count(*) FROM final GROUP BY label"))
        parts = {part: counts[label] for label, part in enumerate(PARTS)}
        write_record(folder, {
            "name": name, "license": license, "inputs": self.files, "columns": self.columns, "rules": asdict(rules),
            "steps": self.steps.done, "notes": self.steps.notes,
            "split": {"name": split, **parts, "hash": output.hash_split(self.engine)}, "versions": versions(),
        })  # fmt: skip

    def _tell_columns(self, source: Source, roles: Mapping[str, str]) -> None:
        self.columns[Path(source.name).name] = roles
        listed = ", ".join(f"{meaning}={name}" for meaning, name in roles.items())
        self.steps.report(f"columns of {source.name}: {listed}")
