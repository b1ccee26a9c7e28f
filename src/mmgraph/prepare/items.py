"""The table of items: rows for the items that are kept, with all its columns as text."""

from collections.abc import Sequence

from mmgraph.prepare.columns import guess, plain_name
from mmgraph.prepare.engine import Engine, identifier
from mmgraph.prepare.sources.source import Source

NUMBER, ORIGINAL = "itemID", "original_id"


def id_column(source: Source, named: str | None, of_interactions: str) -> str:
    """The column of a table of items that holds the ids.

    Args:
        source: the table.
        named: as the user gave it.
        of_interactions: the column that the interactions have them in.

    Raises:
        ValueError: it is not there, or not found.
    """
    if named is not None and named not in source.header:
        raise ValueError(f"{source.name}: item_column={named!r} is not in its header {source.header}")
    same = [name for name in source.header if plain_name(name) == plain_name(of_interactions)]
    last = [name for name in source.header if plain_name(name) == "id"]
    found = named or next(iter(same), None) or guess(source.header, "item", source.name) or next(iter(last), None)
    if found is None:
        raise ValueError(f"{source.name}: which column of {source.header} has the ids? Set item_column to its name")
    return found


def read_table(engine: Engine, sources: Sequence[Source], columns: Sequence[str]) -> list[str]:
    """Reads tables of items into ``item_rows``: ``id`` and the further columns; returns the names of these.

    Args:
        engine: holds the table.
        sources: the tables.
        columns: the column of the ids of each.

    Raises:
        ValueError: the tables differ in their columns.
    """
    names = [name for name in sources[0].header if name != columns[0]]
    for source, column in zip(sources, columns, strict=True):
        if sorted(name for name in source.header if name != column) != sorted(names):
            raise ValueError(f"{source.name}: has columns {source.header}, {sources[0].name} has {sources[0].header}")
    taken = {NUMBER, ORIGINAL} & set(names)
    if taken:
        raise ValueError(f"{sources[0].name}: columns {sorted(taken)} are written by mmgraph; give them other names")
    selects = [
        f"SELECT {source.columns[column]} AS id"
        + "".join(f", {source.columns[name]} AS {identifier(name)}" for name in names)
        + f" FROM {source.relation}"
        for source, column in zip(sources, columns, strict=True)
    ]
    engine.run(f"CREATE TABLE item_rows AS {' UNION ALL '.join(selects)}")
    return names
