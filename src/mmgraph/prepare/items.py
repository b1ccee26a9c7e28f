"""The table of items: rows for the items that are kept, with all its columns as text."""

from collections.abc import Iterator, Mapping, Sequence

from mmgraph.prepare.bad_rows import BadRow, BadRows, id_rules, read_rows
from mmgraph.prepare.columns import guess, plain_name
from mmgraph.prepare.engine import Engine, identifier
from mmgraph.prepare.layout import NUMBERS, ORIGINAL
from mmgraph.prepare.sources.places import find_rows
from mmgraph.prepare.sources.source import Source


def id_column(source: Source, named: str | None, of_interactions: str) -> str:
    """The column of a table of items that holds the ids.

    Args:
        source: the table.
        named: as the user gave it.
        of_interactions: the column that the interactions have them in.

    Raises:
        ValueError: it is not there, or not found.
    """
    if named is None and {NUMBERS["item"], ORIGINAL} <= set(source.header):  # written by mmgraph itself
        return ORIGINAL
    if named is not None and named not in source.header:
        raise ValueError(f"{source.name}: item_columns.item={named!r} is not in its header {source.header}")
    same = [name for name in source.header if plain_name(name) == plain_name(of_interactions)]
    last = [name for name in source.header if plain_name(name) == "id"]
    found = named or next(iter(same), None) or guess(source.header, "item", source.name) or next(iter(last), None)
    if found is None:
        raise ValueError(f"{source.name}: which column of {source.header} has the ids? Set item_columns.item")
    return found


def read_tables(
    engine: Engine,
    sources: Sequence[Source],
    columns: Sequence[str],
    bad: BadRows,
    named: Mapping[str, str | None],
) -> list[str]:
    """Reads tables of items into ``item_rows``: ``id`` and the further columns; returns the names of these.

    Args:
        engine: holds the table.
        sources: the tables.
        columns: the column of the ids of each.
        bad: is handed the rows that cannot be used.
        named: further columns by the name that they get; None for one that is not to be read.

    Raises:
        ValueError: a named column is not there, two get one name, the tables differ in their columns, or a row is bad
            and there is no file to set it aside.
    """
    further = [_further(source, column, named) for source, column in zip(sources, columns, strict=True)]
    names = list(further[0])
    for source, found in zip(sources, further, strict=True):
        if sorted(found) != sorted(names):
            raise ValueError(f"{source.name}: has columns {source.header}, {sources[0].name} has {sources[0].header}")
    if taken := {NUMBERS["item"], ORIGINAL} & set(names):
        raise ValueError(f"{sources[0].name}: columns {sorted(taken)} are written by mmgraph; give them other names")
    fields = "".join(f"{identifier(name)} VARCHAR, " for name in names)
    engine.run(f"CREATE TABLE item_rows (id VARCHAR, {fields}mark USMALLINT)")
    for source, column, found in zip(sources, columns, further, strict=True):
        ids = source.columns[column]
        values = [ids, *(source.columns[found[name]] for name in names)]
        rules = {**source.broken, **id_rules(source, column, "item")}
        read_rows(engine, source, rules, bad, into="item_rows", values=values)
    _set_repeated_aside(engine, sources, columns, bad)
    return names


def _further(source: Source, ids: str, named: Mapping[str, str | None]) -> dict[str, str]:
    """The columns beside the ids, by the names that they get."""
    new_names = {column: name for name, column in named.items() if column is not None}
    if absent := [column for column in new_names if column not in source.header]:
        name = new_names[absent[0]]
        raise ValueError(f"{source.name}: item_columns.{name}={absent[0]!r} is not in its header {source.header}")
    left_out = {name for name, column in named.items() if column is None}
    others = [name for name in source.header if name != ids and (name, ids) != (NUMBERS["item"], ORIGINAL)]
    kept = [name for name in others if name not in left_out or name in new_names]
    found = {new_names.get(name, name): name for name in kept}
    if len(found) < len(kept):
        twice = next(name for name in new_names.values() if name in kept and name not in new_names)
        raise ValueError(
            f"{source.name}: item_columns.{twice}={named[twice]!r}: it has a column {twice} too; name that one, too"
        )
    return found


def _set_repeated_aside(engine: Engine, sources: Sequence[Source], columns: Sequence[str], bad: BadRows) -> None:
    """Keeps the first row of an item that has several."""
    engine.run("CREATE TABLE twice AS SELECT id, min(rowid) AS kept FROM item_rows GROUP BY id HAVING count(*) > 1")
    count = engine.value("SELECT count(*) FROM item_rows WHERE id IN (SELECT id FROM twice)")
    count -= engine.value("SELECT count(*) FROM twice")
    if count:
        bad.collect(sources[0], _repeated(engine, sources, columns), count=count)
        engine.run("DELETE FROM item_rows USING twice WHERE item_rows.id = twice.id AND item_rows.rowid > kept")


def _repeated(engine: Engine, sources: Sequence[Source], columns: Sequence[str]) -> Iterator[BadRow]:
    first: dict[str, str] = {}
    for source, column in zip(sources, columns, strict=True):
        ids = source.columns[column]
        for line, text, name in find_rows(engine, source, f"CASE WHEN {ids} IN (SELECT id FROM twice) THEN {ids} END"):
            if name in first:
                yield BadRow(line, source.name, f"item {name!r} has a row already, {first[name]}", text)
            first.setdefault(name, f"{source.name}:{line}")
