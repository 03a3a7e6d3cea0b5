"""The calendar of a country: its holidays, and the weekend days it works in exchange for others."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

import holidays

from overdeliver.vocabulary.hours import BusinessHours, Shifts

_FRIDAY = 4


def opening_hours(
    zone: str, country: str, year: int, week: Sequence[Shifts], own: Mapping[date, Shifts]
) -> BusinessHours:
    """The week's shifts on the calendar of a country, from the year before to three years after.

    ``own`` are the days with hours of their own; they win over everything. InputError: no such
    zone, shifts that overlap.

    >>> from datetime import time
    >>> office = (((time(9), time(18)),),) * 5 + ((), ())
    >>> hours = opening_hours("Asia/Almaty", "KZ", 2024, office, {})
    >>> hours.shifts_on(date(2024, 5, 4)) == office[0]     # a Saturday, worked for the 8th
    True
    """
    special = {**moved_days(country, year, week), **own}
    return BusinessHours(zone, tuple(week), holidays_of(country, year), special)


def moved_days(country: str, year: int, week: Sequence[Shifts]) -> dict[date, Shifts]:
    """The closed weekend days that are worked in exchange for a day off, with their hours.

    Whoever is open on that day of the week keeps its hours: such an exchange is made for those who
    work from Monday to Friday. Everybody else works as on the last of these five that has hours.
    """
    usual = next((week[n] for n in range(_FRIDAY, -1, -1) if week[n]), ())
    days = sorted(moved_workdays(country, year)) if usual else []
    return {day: usual for day in days if not week[day.weekday()]}


@lru_cache(maxsize=16)
def holidays_of(country: str, year: int) -> frozenset[date]:
    """Public holidays of a country from the year before to three years after; none if unknown.

    >>> date(2026, 3, 22) in holidays_of("KZ", 2026)
    True
    """
    found = _known(country, year)
    return frozenset() if found is None else frozenset(found)


@lru_cache(maxsize=16)
def moved_workdays(country: str, year: int) -> frozenset[date]:
    """Weekend days of the same years that are worked because a day off was moved away from them.

    Governments decree them a year ahead at most, so more of them are known to a newer version of
    the library. A day off is also moved away from holidays on a weekend: those stay holidays.

    >>> sorted(day.isoformat() for day in moved_workdays("KZ", 2024) if day.year == 2024)
    ['2024-05-04']
    """
    found = _known(country, year)
    if found is None:
        return frozenset()
    years = range(year - 1, year + 4)
    return frozenset(
        day for day in found.weekend_workdays if day.year in years and day not in found
    )


def _known(country: str, year: int) -> holidays.HolidayBase | None:
    try:
        return holidays.country_holidays(country, years=range(year - 1, year + 4))
    except NotImplementedError:
        return None
