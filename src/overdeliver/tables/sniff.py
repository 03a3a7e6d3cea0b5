"""What a column of text holds, from a sample: moments, numbers or words."""

import re
from collections.abc import Iterable

from overdeliver.tables.recognise import Holds

_MOMENT = re.compile(
    r"\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{1,2}[ .-]\w{3,9}\.?[ .-]\d{2,4})"
    r"([T ,]+.*)?$"
)
_NUMBER = re.compile(r"\s*\D{0,4}-?\d[\d\s.,'\u00a0\u202f]*(e[+-]?\d+)?\D{0,4}$", re.IGNORECASE)
_MOST = 0.8


def of_sample(values: Iterable[str | None]) -> Holds:
    """What most of the values are.

    >>> of_sample(["2026-07-03 11:02", "03/07/2026", None]), of_sample(["1.200,50", "7"])
    ('moment', 'number')
    >>> of_sample(["economy", "4"]), of_sample([None, " "])
    ('text', 'empty')
    """
    given = [value for value in values if value is not None and value.strip()]
    if not given:
        return "empty"
    if sum(bool(_MOMENT.match(value)) for value in given) >= _MOST * len(given):
        return "moment"
    if sum(bool(_NUMBER.match(value)) for value in given) >= _MOST * len(given):
        return "number"
    return "text"
