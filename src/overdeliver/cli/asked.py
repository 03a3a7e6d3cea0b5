"""What was typed, read: a mistake is an InputError that names the option and shows a right one."""

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo, available_timezones

from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.gap import LEVERS


def mapping(typed: Sequence[str]) -> dict[str, str]:
    """``field=column`` pairs; the column may hold equal signs.

    >>> mapping(["promised_at=due = date"])
    {'promised_at': 'due = date'}
    """
    found: dict[str, str] = {}
    for one in typed:
        field, equals, column = one.partition("=")
        if not equals or not field.strip() or not column.strip():
            raise InputError(f"--map {one}: write FIELD=COLUMN, such as promised_at=due_date")
        if field.strip() in found:
            raise InputError(f"--map {one}: {field.strip()} is given twice")
        found[field.strip()] = column.strip()
    return found


def rules(typed: Sequence[str]) -> dict[str, tuple[float, str]] | None:
    """``METHOD=5 days`` as what each shipping method promises; None when nothing was typed.

    >>> rules(["Standard=5 days", "Express = 1 day"])
    {'Standard': (5.0, 'days'), 'Express': (1.0, 'days')}
    """
    found = {}
    for one in typed:
        method, _, length = one.rpartition("=")
        number, _, unit = length.strip().partition(" ")
        unit = unit.strip().casefold()
        unit += "" if unit.endswith("s") else "s"
        if not method.strip() or unit not in ("days", "hours", "minutes") or _number(number) < 0:
            raise InputError(f'--promise {one}: write "METHOD=5 days" (or hours, minutes)')
        found[method.strip()] = (_number(number), unit)
    return found or None


def _number(typed: str) -> float:
    """The number, -1 for what is none (a promise is never negative)."""
    try:
        number = float(typed.replace(",", "."))
    except ValueError:
        return -1.0
    return number if number < float("inf") else -1.0


def day(option: str, typed: str | None) -> date | None:
    """A day such as 2026-04-01.

    >>> day("--backtest-from", "2026-04-01")
    datetime.date(2026, 4, 1)
    """
    if typed is None:
        return None
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise InputError(f"{option} {typed}: write a day such as 2026-04-01") from None


def moment(option: str, typed: str | None) -> datetime | None:
    """A moment, or a day and then its end.

    >>> moment("--as-of", "2026-04-01").isoformat(), moment("--as-of", "2026-04-01 12:00").hour
    ('2026-04-01T23:59:59', 12)
    """
    if typed is None:
        return None
    text = typed.strip()
    try:
        if len(text) <= 10:
            return datetime.combine(date.fromisoformat(text), time(23, 59, 59))
        return datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{option} {typed}: write 2026-04-01 or 2026-04-01 12:00") from None


def known_lever(typed: str | None) -> None:
    """Refuse a lever that there is not."""
    if typed is not None and typed not in LEVERS:
        raise InputError(f"--lever {typed}: choose one of {', '.join(LEVERS)}")


def known_zone(typed: str) -> None:
    """Refuse a time zone that there is not."""
    try:
        ZoneInfo(typed)
    except (ValueError, OSError, KeyError):
        last = typed.rpartition("/")[2].casefold().replace(" ", "_")
        near = next((z for z in sorted(available_timezones()) if z.casefold().endswith(last)), None)
        hint = f"did you mean {near}?" if near and last else "such as Europe/Lisbon"
        raise InputError(f"--zone {typed}: no such time zone; {hint}") from None


def known_language(typed: str) -> None:
    """Refuse a language that there is no page in, before the work and not after it."""
    from overdeliver.audit.page.words import check_language

    check_language(typed)
