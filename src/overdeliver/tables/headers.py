"""Column names as found, made safe to use: no gaps, no doubles, and noticed when there are none."""

import re
from collections.abc import Sequence

from overdeliver.tables.cases import Notice
from overdeliver.vocabulary.errors import UnreadableFile

#: The name of the column that says where a row stands; a source column of this name is renamed.
LINE = "line"

_VALUE = re.compile(
    r"[-+]?\d[\d.,\s]*"  # a number
    r"|\d{4}-\d\d?-\d\d?.*|\d\d?[./-]\d\d?[./-]\d{2,4}.*"  # a date
)


def column_names(found: Sequence[str]) -> tuple[list[str], list[Notice]]:
    """Names that differ from each other whatever the case, and what was changed to get there.

    >>> column_names(["id", "ID", "", "line"])[0]
    ['id', 'ID_2', 'column_3', 'line_2']
    """
    taken = {LINE}
    names: list[str] = []
    changed: dict[str, str] = {}
    for position, raw in enumerate(found, start=1):
        wanted = " ".join(raw.split()) or f"column_{position}"
        name = free_name(wanted, taken)
        taken.add(name.casefold())
        if name != raw.strip():
            changed[f"{raw or 'nameless'} (column {position})"] = name
        names.append(name)
    return names, [_renamed(changed)] if changed else []


def free_name(wanted: str, taken: set[str]) -> str:
    """``wanted``, or with a number behind it when it is among the case-folded ``taken``.

    >>> free_name("City", {"city", "city_2"})
    'City_3'
    """
    name, count = wanted, 1
    while name.casefold() in taken:
        count += 1
        name = f"{wanted}_{count}"
    return name


def _renamed(changed: dict[str, str]) -> Notice:
    pairs = ", ".join(f"{old} is now {new}" for old, new in list(changed.items())[:5])
    more = f" and {len(changed) - 5} more" if len(changed) > 5 else ""
    return Notice("columns_renamed", f"Columns renamed: {pairs}{more}.", {"renamed": changed})


def refuse_missing_header(where: str, found: Sequence[str], line: int) -> None:
    """Raise UnreadableFile when the line of names looks like a line of values.

    >>> refuse_missing_header("a", ["7", "2026-01-05"], 1)
    Traceback (most recent call last):
    ...
    overdeliver.vocabulary.errors.UnreadableFile: a line 1: column names expected, found values \
(7, 2026-01-05); put a line with the names on top
    """
    cells = [cell.strip() for cell in found if cell.strip()]
    values = sum(1 for cell in cells if _VALUE.fullmatch(cell))
    if cells and values * 3 >= len(cells):
        shown = ", ".join(cell[:20] for cell in cells[:3])
        raise UnreadableFile(
            f"{where} line {line}: column names expected, found values ({shown}); "
            "put a line with the names on top"
        )
