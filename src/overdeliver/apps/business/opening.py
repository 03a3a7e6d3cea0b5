"""When somebody is there: the week's shifts and the days with hours of their own."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from overdeliver.apps.business import events, models
from overdeliver.apps.journal.actions import record
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.hours import BusinessHours, Shifts


def set_week(week: Sequence[Shifts]) -> None:
    """Set the shifts of Monday to Sunday; several a day are a split shift.

    A closing at or before the opening is past midnight. InputError: not seven days, or shifts
    that overlap.
    """
    BusinessHours("UTC", tuple(tuple(shifts) for shifts in week))
    rows = [
        models.Shift(weekday=day, opens=opens, closes=closes)
        for day, shifts in enumerate(week)
        for opens, closes in sorted(shifts)
    ]
    with transaction.atomic():
        before = list(models.Shift.objects.values_list("weekday", "opens", "closes"))
        if before == [(row.weekday, row.opens, row.closes) for row in rows]:
            return
        models.Shift.objects.all().delete()
        models.Shift.objects.bulk_create(rows)
        record(events.HoursChanged(subject="business:hours", what="week"))


def set_special_day(day: date, shifts: Shifts, name: str = "") -> None:
    """Give a day hours of its own (none: closed); they win over the week and over a holiday.

    InputError: shifts that overlap.
    """
    BusinessHours("UTC", ((),) * 7, special={day: shifts})
    if len(name) > 200:
        raise InputError("name: 200 characters at most")
    with transaction.atomic():
        models.SpecialDay.objects.filter(day=day).delete()
        rows = [
            models.SpecialDay(day=day, name=name, opens=opens, closes=closes)
            for opens, closes in sorted(shifts)
        ]
        models.SpecialDay.objects.bulk_create(rows or [models.SpecialDay(day=day, name=name)])
        record(events.HoursChanged(subject="business:hours", what=day.isoformat()))


def drop_special_day(day: date) -> None:
    """A day follows the week and the holidays again."""
    with transaction.atomic():
        if models.SpecialDay.objects.filter(day=day).delete()[0]:
            record(events.HoursChanged(subject="business:hours", what=day.isoformat()))
