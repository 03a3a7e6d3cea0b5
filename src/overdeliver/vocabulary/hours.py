"""Business hours: when somebody is there, with split shifts, holidays and days of their own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.moments import at_wall, aware, day_of, zone_named

#: From when until when; an end at or before the start is on the next day, so midnight is 00:00.
Shift = tuple[time, time]
Shifts = tuple[Shift, ...]

_DAY = timedelta(days=1)
_FURTHEST = 3 * 366  # days without an opening after which nobody will come


@dataclass(frozen=True)
class BusinessHours:
    """Opening hours of a business in its own zone; one day may have several shifts.

    ``week`` holds the shifts of Monday to Sunday, ``holidays`` the days closed whatever the week
    says, ``special`` the days with shifts of their own (they win over a holiday). All of it is
    data. InputError: not seven days, shifts of a day that overlap, no such zone.

    >>> morning, afternoon = (time(9), time(13)), (time(14), time(18))
    >>> hours = BusinessHours("Europe/Bucharest", ((morning, afternoon),) * 5 + ((), ()))
    >>> friday = datetime(2026, 3, 27, 15, 0, tzinfo=UTC)      # 17:00 in Bucharest
    >>> hours.plus(friday, timedelta(hours=2)).isoformat()     # the clocks change on Sunday
    '2026-03-30T10:00:00+03:00'
    """

    zone: str
    week: tuple[Shifts, ...]
    holidays: frozenset[date] = frozenset()
    special: Mapping[date, Shifts] = field(default_factory=dict)

    def __post_init__(self) -> None:
        zone_named(self.zone)
        if len(self.week) != 7:
            raise InputError(f"business hours: {len(self.week)} days given, a week has seven")
        for shifts in (*self.week, *self.special.values()):
            _check(shifts)

    def shifts_on(self, day: date) -> Shifts:
        """The shifts that begin on a day, as wall clocks."""
        if day in self.special:
            return self.special[day]
        return () if day in self.holidays else self.week[day.weekday()]

    def is_open(self, moment: datetime) -> bool:
        """Whether somebody is there; at the closing moment nobody is any more.

        >>> pizzeria = BusinessHours("UTC", (((time(18), time(2)),),) * 7)
        >>> pizzeria.is_open(datetime(2026, 3, 27, 1, 59, tzinfo=UTC))
        True
        """
        span = self._next(moment, 2)  # a shift of today, or of yesterday past midnight
        return span is not None and span[0] <= moment

    def next_open(self, moment: datetime) -> datetime:
        """The moment itself when open, else the next opening. InputError: there is none."""
        start, _ = self._span(moment)
        return max(start, aware(moment)).astimezone(zone_named(self.zone))

    def plus(self, moment: datetime, work: timedelta) -> datetime:
        """When so much open time has passed, in the zone. InputError: less than none, or never.

        Work that ends with a shift ends at its closing, not at the next opening.
        """
        if work < timedelta():
            raise InputError(f"business hours: {work} is less than no time")
        start, end = self._span(moment)
        at = max(start, aware(moment).astimezone(UTC))
        while work > end - at:
            work -= end - at
            at, end = self._span(end)
        return (at + work).astimezone(zone_named(self.zone))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Open time between two moments; negative when they come in the other order.

        >>> new_year = frozenset({date(2026, 1, 1)})
        >>> hours = BusinessHours("UTC", (((time(9), time(17)),),) * 7, new_year)
        >>> noon = datetime(2025, 12, 31, 12, tzinfo=UTC)
        >>> hours.between(noon, noon + timedelta(days=2))   # five hours, a holiday, three hours
        datetime.timedelta(seconds=28800)
        """
        if aware(end) < aware(start):
            return -self.between(end, start)
        days = (day_of(end, self.zone) - day_of(start, self.zone)).days + 2
        spans = self._spans(day_of(start, self.zone) - _DAY, days)
        shared = (min(to, end) - max(at, start) for at, to in spans)
        return sum((part for part in shared if part > timedelta()), timedelta())

    def _span(self, moment: datetime) -> tuple[datetime, datetime]:
        found = self._next(moment, _FURTHEST)
        if found is None:
            raise InputError(f"business hours: closed for three years after {moment:%Y-%m-%d}")
        return found

    def _next(self, moment: datetime, days: int) -> tuple[datetime, datetime] | None:
        """The stretch of open time around a moment or the next one after it, in UTC."""
        at = aware(moment)
        first = day_of(at, self.zone) - _DAY
        return next((span for span in self._spans(first, days) if span[1] > at), None)

    def _spans(self, first: date, days: int) -> Iterator[tuple[datetime, datetime]]:
        """Stretches of open time in UTC from the shifts of these days, in order, each hour once."""
        until = datetime.min.replace(tzinfo=UTC)
        for number in range(days):
            day = first + number * _DAY
            for opens, closes in sorted(self.shifts_on(day)):
                last = day if closes > opens else day + _DAY
                at = at_wall(datetime.combine(day, opens), self.zone).astimezone(UTC)
                to = at_wall(datetime.combine(last, closes), self.zone).astimezone(UTC)
                at = max(at, until)
                if at < to:
                    yield at, to
                    until = to


def _check(shifts: Shifts) -> None:
    """InputError: a shift begins before the one before it has ended."""
    inner = sorted(shifts)
    for (before, closes), (opens, _) in pairwise(inner):
        if closes <= before or closes > opens:  # at or before its own start: it lasts past midnight
            raise InputError(f"business hours: a shift begins at {opens:%H:%M} within another")
