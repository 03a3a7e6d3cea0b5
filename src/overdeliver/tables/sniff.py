"""What a column of text holds, from a sample: moments, numbers or words."""

import re
from collections.abc import Iterable

import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from overdeliver.tables.recognise import Holds

_MOMENT = re.compile(
    r"\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"
    r"|\d{1,2}\.?[ -]\w{3,9}\.?[ -]\d{2,4})"
    r"([T ,]+.*)?$"
)
_NUMBER = re.compile(
    r"\s*(R\$|US\$|[A-Z]{3}\s|[^\w\s]{1,2})?\s?-?\d[\d\s.,'\u00a0\u202f]*(e[+-]?\d+)?"
    r"(\s?[^\w\s]{1,2}|\s[^\W\d]{1,8}\.?)?\s*$",
    re.IGNORECASE,
)
_CODE = re.compile(r"\s*0\d+\s*$")
_MOST = 0.8


def of_sample(values: Iterable[str | None]) -> Holds:
    """What most of the values are.

    >>> of_sample(["2026-07-03 11:02", "03/07/2026", None]), of_sample(["1.200,50", "7"])
    ('moment', 'number')
    >>> of_sample(["economy", "4"]), of_sample([None, " "]), of_sample(["01310", "20040"])
    ('text', 'empty', 'text')
    >>> of_sample(["R$ 1.200,50", "12,5 kg"]), of_sample(["s12", "s13"])
    ('number', 'text')
    """
    given = [value for value in values if value is not None and value.strip()]
    if not given:
        return "empty"
    if sum(bool(_MOMENT.match(value)) for value in given) >= _MOST * len(given):
        return "moment"
    if any(_CODE.match(value) for value in given):
        return "text"  # a post code or an id: as a number it would lose its leading zero
    if sum(bool(_NUMBER.match(value)) for value in given) >= _MOST * len(given):
        return "number"
    return "text"


def holds(table: ir.Table) -> dict[str, Holds]:
    """What each column holds, in order; text columns by a sample of their values."""
    found: dict[str, Holds] = {}
    for name, kind in table.schema().items():
        if name != "line":
            found[name] = _of_type(kind)
    texts = [name for name, held in found.items() if held == "text"]
    if texts:
        sample = table.select(*texts).limit(500).to_pyarrow()
        for name in texts:
            found[name] = of_sample(sample[name].to_pylist())
    return found


def _of_type(kind: dt.DataType) -> Holds:
    if kind.is_timestamp() or kind.is_date():
        return "moment"
    if kind.is_boolean():
        return "boolean"
    if kind.is_numeric():
        return "number"
    return "text" if kind.is_string() else "other"
