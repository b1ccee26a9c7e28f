"""Files whose lines are no rows of fields: JSON lines, and LightGCN's lists of items."""

import json
from contextlib import suppress
from itertools import islice
from pathlib import Path

from mmgraph.prepare.engine import literal, path_literal
from mmgraph.prepare.sources.dialect import Dialect, first_line
from mmgraph.prepare.sources.source import Source, Text, text_of

_WHOLE = Dialect("\x01", quote="")
_SAMPLE = 1000


def line_reader(path: Path, *, compression: str = "none", strict: bool = True) -> str:
    """The SQL of a file as lines in a column ``line``, NULL where one is blank; text has no character 1 to part it."""
    return f"""read_csv(
        {path_literal(path)}, columns = {{'line': 'VARCHAR'}}, header = false, auto_detect = false, delim = '\x01',
        quote = '', escape = '', compression = {literal(compression)}, strict_mode = {strict}, store_rejects = {strict},
        rejects_limit = 0
    )"""


def json_lines(path: Path, *, name: str) -> Source:
    """A table with an object a line. DuckDB's own reader takes a broken one for a row of NULLs, so lines are read.

    Args:
        path: plain text.
        name: what to call it.

    Raises:
        ValueError: the file is no lines of objects.
    """
    keys = _keys(path, name)
    valid = "json_valid(line)"
    at = {key: literal("/" + key.replace("~", "~0").replace("/", "~1")) for key in keys}
    columns = {key: f"CASE WHEN {valid} THEN json_extract_string(line, {place}) END" for key, place in at.items()}
    kind = {key: f"CASE WHEN {valid} THEN json_type(line, {place}) END" for key, place in at.items()}
    # A number too large for DuckDB is a DOUBLE with its digits kept; one with a point or an exponent is rewritten.
    no_ids = {
        key: f"{kind[key]} NOT IN ('VARCHAR', 'BIGINT', 'UBIGINT', 'NULL') AND "
        f"NOT regexp_full_match({columns[key]}, '-?[0-9]+')"
        for key in keys
    }
    relation = f"(SELECT line FROM {line_reader(path)} WHERE trim(line) <> '')"
    broken = {"this is no JSON object": f"NOT {valid} OR CASE WHEN {valid} THEN json_type(line) END <> 'OBJECT'"}
    return Source(relation, columns, no_ids=no_ids, broken=broken, text=Text(path, _WHOLE, ["line"]))


def _keys(path: Path, name: str) -> list[str]:
    """The names that the first objects have, in the order of their appearance."""
    keys: dict[str, None] = {}
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        for line in islice(filter(str.strip, file), _SAMPLE):
            with suppress(ValueError, RecursionError):  # a broken one is found again, with its place, when all are read
                found = json.loads(line)
                keys |= dict.fromkeys(found if isinstance(found, dict) else ())
    if not keys:
        listed = first_line(path).lstrip().startswith("[")
        raise ValueError(
            f"{name}: must be JSON lines, an object a line"
            + (f"; this is a list, which jq -c '.[]' {Path(name).name} takes apart" if listed else "")
        )
    return list(keys)


def is_lightgcn(path: Path) -> bool:
    r"""Whether a file looks like lists of items: numbers between spaces and no header.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "train.txt"
        >>> _ = path.write_text("0 12 7 3\n1 4\n")
        >>> is_lightgcn(path)
        True
    """
    fields = first_line(path).split(" ")
    return all(field.isdecimal() for field in fields if field) and any(fields)


def lightgcn(path: Path) -> Source:
    """A user and its items a line, between spaces; users without an item have no row.

    Args:
        path: plain text.
    """
    relation = f"""(
        SELECT fields[1] AS "user", unnest(fields[2:]) AS item, line
        FROM (
            SELECT line, list_filter(string_split(line, ' '), lambda field: field <> '') AS fields
            FROM {line_reader(path)}
        )
    )"""
    return Source(relation, {"user": text_of("user"), "item": text_of("item")}, text=Text(path, _WHOLE, ["line"]))
