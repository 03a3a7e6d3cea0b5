"""Several files of one business as one table: parts stacked, others joined by order."""

from collections.abc import Sequence
from dataclasses import replace

import ibis
import ibis.expr.types as ir

from overdeliver.tables.cases import Notice
from overdeliver.tables.draft import Options
from overdeliver.tables.raw import Source
from overdeliver.tables.recognise import find_column, likeness, listed
from overdeliver.vocabulary.errors import InputError


def join_files(sources: Sequence[Source], options: Options) -> Source:
    """One table of several. Files with equal columns are stacked; otherwise the first gives the
    rows and each other adds its columns by the order's id.

    A later file with several rows for one order gives its first. InputError: no shared order id.
    """
    if len(sources) > 1 and _same_columns([source.table for source in sources]):
        return _stack(sources)
    first = sources[0]
    base, notices = first.table, list(first.notices)
    for number, other in enumerate(sources[1:], start=2):
        key, other_key = _keys(base, other.table, options, number)
        base, note = _add(base, other.table, key, other_key, number)
        notices += [*other.notices, note]
    is_text = any(source.is_text for source in sources)
    return replace(first, table=base, is_text=is_text, notices=tuple(notices))


def _same_columns(tables: Sequence[ir.Table]) -> bool:
    return len({tuple(sorted(table.columns)) for table in tables}) == 1


def _stack(sources: Sequence[Source]) -> Source:
    """Parts of one table, one below the other; lines go on counting over the files."""
    tables, bad, start = [], [], 0
    columns = sources[0].table.columns
    for source in sources:
        numbered = source.table.mutate(line=source.table["line"] + start)
        tables.append(numbered.select(*columns))
        bad.append(source.bad_rows.mutate(line=source.bad_rows["line"] + start))
        start += source.rows_read
    message = f"{len(sources)} files with the same columns were read as one, lines counted on"
    told = Notice("files_stacked", message, {"files": [source.name for source in sources]})
    return replace(
        sources[0],
        table=ibis.union(*tables),
        is_text=any(source.is_text for source in sources),
        rows_read=start,
        rows_bad=sum(source.rows_bad for source in sources),
        bad_rows=ibis.union(*bad),
        notices=(*(n for source in sources for n in source.notices), told),
    )


def _keys(base: ir.Table, other: ir.Table, options: Options, number: int) -> tuple[str, str]:
    left, right = (_key(table, options) for table in (base, other))
    if left is not None and right is None:
        right = find_column(other.columns, left)
    if left is None or right is None:
        columns = [c for c in other.columns if c != "line"]
        raise InputError(
            f"file {number} cannot be joined: no order id shared with the first file;"
            f" columns: {listed(columns)}; name it with --map order_id=COLUMN"
        )
    return left, right


def _key(table: ir.Table, options: Options) -> str | None:
    stated = options.mapping.get("order_id")
    if stated is not None:
        return find_column(table.columns, stated)
    scored = [(likeness("order_id", c), -at, c) for at, c in enumerate(table.columns)]
    best = max(scored, default=(0.0, 0, ""))
    return best[2] if best[0] >= 0.7 else None


def _add(
    base: ir.Table, other: ir.Table, key: str, other_key: str, number: int
) -> tuple[ir.Table, Notice]:
    have = {c.casefold() for c in base.columns}
    fresh = [c for c in other.columns if c.casefold() not in have and c != other_key]
    ids = other[other_key].cast("string")
    ranked = other.mutate(
        **{"j:key": ids, "j:nth": ibis.row_number().over(group_by=ids, order_by=other["line"])}
    )
    once = ranked.filter(ranked["j:nth"] == 0).select("j:key", *fresh)
    keyed = base.mutate(**{"j:base": base[key].cast("string")})
    joined = keyed.left_join(once, keyed["j:base"] == once["j:key"]).drop("j:base", "j:key")
    message = (
        f"file {number} was joined to the first by {key}, adding {', '.join(fresh) or 'nothing'}"
    )
    return joined, Notice("files_joined", message, {"file": number, "key": key, "columns": fresh})
