"""Promises, outcomes and gaps in words, in the language of the request."""

from collections.abc import Sequence

from markupsafe import Markup

from overdeliver.apps.look import numbers
from overdeliver.apps.look.words import word
from overdeliver.apps.promises.cards import Row


def promised(row: Row) -> Markup:
    """What was promised, shortly: ``3 days``, ``at most €120``, ``business``."""
    if row.lever == "cost":
        return word("promises.say.at_most", sum=numbers.length(row.promised, row.unit))
    return amount(row.promised, row.unit, row.classes)


def until(row: Row) -> Markup:
    """The promise as a sentence's end: ``by 7 March``, ``at most €120``, ``business``."""
    if row.due_at is None:
        return promised(row)
    if row.whole:
        return word("promises.say.by_day", day=numbers.day(row.due_day or row.due_at))
    return word("promises.say.by_moment", moment=numbers.moment(row.due_at))


def amount(value: float | None, unit: str, classes: Sequence[str] = ()) -> Markup:
    """An outcome in its unit; a class by its name where the service has names.

    >>> str(amount(2, "class", ("economy", "business"))), str(amount(45, "minutes"))
    ('business', '45 minutes')
    """
    if unit == "class" and value is not None and 1 <= value <= len(classes):
        return Markup("{}").format(classes[int(value) - 1])
    return numbers.length(value, unit)


def gap(value: float | None, lever: str, unit: str) -> Markup:
    """How far from the promise, and to which side.

    >>> str(gap(15, "time", "minutes")), str(gap(1, "service", "class"))
    ('15 minutes early', '1 class above')
    """
    if value is None:
        return Markup("–")
    side = "even" if value == 0 else "good" if value > 0 else "bad"
    size = _plain(abs(value))
    shown = numbers.number(size) if unit == "class" else numbers.length(size, unit)
    return word(f"promises.say.{lever}_{side}", count=size, n=shown)


def _plain(size: float) -> float:
    """To one place after the point, from one on: 30, not 30.0, for 29.98."""
    return round(size, 1) if size >= 1 else size
