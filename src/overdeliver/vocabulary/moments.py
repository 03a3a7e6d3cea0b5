"""Moments: aware times, calendar days of a zone, and when a promise is due.

A moment always knows its zone. A day is not always 24 hours long: where the clocks change it has
23 or 25, and now and then midnight itself is left out or comes twice. All reckoning here goes
through UTC, so it holds on those days too. Business hours: `overdeliver.vocabulary.hours`.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from overdeliver.vocabulary.errors import InputError

#: Seconds in each unit a promise of time may be counted in.
SECONDS: Mapping[str, int] = {
    "seconds": 1,
    "minutes": 60,
    "hours": 3600,
    "days": 86_400,
    "weeks": 604_800,
}

_INSTANT = timedelta(microseconds=1)


def zone_named(name: str) -> ZoneInfo:
    """The zone of an IANA name. InputError: there is none of that name.

    >>> zone_named("Asia/Almaty").key
    'Asia/Almaty'
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(
            f"zone {name!r}: no such time zone; give a name like Europe/Bucharest"
        ) from None


def aware(moment: datetime) -> datetime:
    """The moment itself. InputError: it says no zone, so nobody can tell when it is."""
    if moment.utcoffset() is None:
        raise InputError(f"moment {moment}: it says no zone; add one")
    return moment


def day_of(moment: datetime, zone: str) -> date:
    """The calendar day of a moment in a zone.

    >>> day_of(datetime(2026, 3, 5, 22, 30, tzinfo=UTC), "Europe/Bucharest")
    datetime.date(2026, 3, 6)
    """
    return aware(moment).astimezone(zone_named(zone)).date()


def start_of_day(day: date, zone: str) -> datetime:
    """The first moment after the day before has ended, in the zone.

    >>> start_of_day(date(2018, 11, 4), "America/Sao_Paulo").isoformat()  # there was no midnight
    '2018-11-04T01:00:00-02:00'
    """
    return (_end(day - timedelta(days=1), zone_named(zone)) + _INSTANT).astimezone(zone_named(zone))


def end_of_day(day: date, zone: str) -> datetime:
    """The last microsecond of a day in a zone: until then a promise for that date is kept.

    >>> end_of_day(date(2026, 3, 5), "Asia/Almaty").isoformat()
    '2026-03-05T23:59:59.999999+05:00'
    """
    return _end(day, zone_named(zone)).astimezone(zone_named(zone))


def due(promise: date | datetime, zone: str) -> datetime:
    """The last moment at which a promise is kept: a date until its end, a moment to the instant.

    >>> due(date(2026, 3, 29), "Europe/Bucharest").isoformat()
    '2026-03-29T23:59:59.999999+03:00'
    >>> due(datetime(2026, 3, 29, 12, tzinfo=UTC), "Europe/Bucharest").isoformat()
    '2026-03-29T15:00:00+03:00'
    """
    if isinstance(promise, datetime):
        return aware(promise).astimezone(zone_named(zone))
    return end_of_day(promise, zone)


def is_overdue(due: datetime, now: datetime) -> bool:
    """Whether the last moment has passed; at that moment itself it has not."""
    return aware(due) < aware(now)


def days_between(start: datetime, end: datetime, zone: str) -> int:
    """Calendar days from one moment to another: what people count when they say "in three days".

    >>> friday = datetime(2026, 3, 27, 23, 59, tzinfo=UTC)
    >>> days_between(friday, friday + timedelta(minutes=2), "UTC")
    1
    """
    return (day_of(end, zone) - day_of(start, zone)).days


def plus_days(moment: datetime, days: int, zone: str) -> datetime:
    """The same time of day so many calendar days later, in the zone.

    A time that the clocks leave out becomes as much later as they jump; of a time that comes
    twice the first is taken.

    >>> before = datetime(2026, 3, 28, 3, 30, tzinfo=zone_named("Europe/Bucharest"))
    >>> plus_days(before, 2, "Europe/Bucharest") - before  # a day of 23 hours lies between
    datetime.timedelta(days=2)
    >>> plus_days(before, 1, "Europe/Bucharest").isoformat()
    '2026-03-29T04:30:00+03:00'
    """
    there = zone_named(zone)
    wall = aware(moment).astimezone(there).replace(tzinfo=None, fold=0) + timedelta(days=days)
    return at_wall(wall, zone)


def at_wall(wall: datetime, zone: str) -> datetime:
    """The moment at which the clocks of a zone show this (the rule of `plus_days` where unclear).

    >>> at_wall(datetime(2026, 10, 25, 3, 30), "Europe/Bucharest").isoformat()  # the first of two
    '2026-10-25T03:30:00+03:00'
    """
    there = zone_named(zone)
    return _instant(wall, there).astimezone(there)


def _instant(wall: datetime, zone: ZoneInfo, fold: int = 0) -> datetime:
    return wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _end(day: date, zone: ZoneInfo) -> datetime:
    """The last instant that the clocks of a zone call this day, in UTC."""
    midnight = datetime.combine(day + timedelta(days=1), time())
    first, second = _instant(midnight, zone), _instant(midnight, zone, fold=1)
    if second < first:  # midnight was left out: the day ends where the clocks jump
        return _jump(second, first, zone) - _INSTANT
    # Midnight may come twice: where the clocks go back over it, the day goes on until the second.
    again = second - _INSTANT
    return again if again.astimezone(zone).date() <= day else first - _INSTANT


def _jump(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The first instant of the new offset, between two instants of UTC."""
    old = low.astimezone(zone).utcoffset()
    while high - low > _INSTANT:
        middle = low + (high - low) // 2
        if middle.astimezone(zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return high
