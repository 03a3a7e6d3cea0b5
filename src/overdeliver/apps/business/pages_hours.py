"""Settings: opening hours, days of their own, the holidays of the country."""

from datetime import date

from babel import Locale
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from overdeliver.apps.business import listing, opening, reads
from overdeliver.apps.business.calendars import moved_days
from overdeliver.apps.business.closed_days import Holiday, holidays_named
from overdeliver.apps.business.fields import Form
from overdeliver.apps.business.forms import read_shifts, shown_shifts, special_form, week_form
from overdeliver.apps.business.undo import saved
from overdeliver.apps.look.access import needs
from overdeliver.apps.look.words import language, word
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.hours import BusinessHours, Shifts


@needs("settings.see")
def hours(request: HttpRequest) -> HttpResponse:
    """`/settings/hours/`: the week, the days of their own, the holidays."""
    asked = request.GET.get("day", "")
    named = {one.day.isoformat(): one.name for one in _holidays()}
    moved = {day.isoformat(): shown_shifts(shifts) for day, shifts in _moved().items()}
    special = special_form(asked, named.get(asked, ""), moved.get(asked, ""))
    return _page(request, week_form(listing.week()), special)


@needs("settings.write")
@require_POST
def week(request: HttpRequest) -> HttpResponse:
    """Set the shifts of the week."""
    before = listing.week()
    form = week_form(before)
    form.fill(request.POST)
    days: list[Shifts] = []
    for field in form:
        days.append(_shifts(form, field.name))
    if form.right:
        try:
            opening.set_week(days)
        except InputError as error:
            form.refuse(error)
    if not form.right:
        return _page(request, form, special_form(), 422)
    packed = [[(a.isoformat(), b.isoformat()) for a, b in shifts] for shifts in before]
    saved(request, word("business.saved"), "week", {"week": packed})
    return redirect("settings_hours")


@needs("settings.write")
@require_POST
def special(request: HttpRequest) -> HttpResponse:
    """Give a day hours of its own; none is closed."""
    form = special_form()
    form.fill(request.POST)
    day, shifts = form.day("day"), _shifts(form, "hours")
    if form.right and day is not None:
        try:
            opening.set_special_day(day, shifts, form.text("name"))
        except InputError as error:
            form.refuse(error)
    if not form.right:
        return _page(request, week_form(listing.week()), form, 422)
    messages.success(request, str(word("business.saved")))
    return redirect("settings_hours")


@needs("settings.write")
@require_POST
def drop_special(request: HttpRequest) -> HttpResponse:
    """A day follows the week again."""
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        raise InputError("day: give it as 2026-12-31") from None
    opening.drop_special_day(day)
    messages.success(request, str(word("business.saved")))
    return redirect("settings_hours")


def _page(request: HttpRequest, week: Form, special: Form, status: int = 200) -> HttpResponse:
    here = reads.business()
    now = timezone.now()
    open_hours = reads.hours()
    days = Locale(language()).days["stand-alone"]["abbreviated"]
    special_days = listing.special_days(timezone.localdate())
    own_days = {one.day for one in special_days}
    moved = {day: shifts for day, shifts in _moved().items() if day not in own_days}
    context = {
        "week_form": week,
        "special_form": special,
        "days": [(days[n], shown_shifts(s)) for n, s in enumerate(listing.week())],
        "special_days": [(one, shown_shifts(one.shifts)) for one in special_days],
        "own_days": own_days,
        "moved": [(day, shown_shifts(shifts)) for day, shifts in moved.items()],
        "holidays": [one for one in _holidays() if one.day >= timezone.localdate()],
        "zone": here.zone if here else "UTC",
        "hours": open_hours,
        "open_now": open_hours.is_open(now) if open_hours else None,
        "next_open": _next_open(open_hours),
    }
    return render(request, "business/hours.html", context, status=status)


def _next_open(open_hours: BusinessHours | None) -> object:
    if open_hours is None:
        return None
    try:
        return open_hours.next_open(timezone.now())
    except InputError:  # closed for years: the page says that nothing is set
        return None


def _holidays() -> list[Holiday]:
    here = reads.business()
    if here is None:
        return []
    year = timezone.localdate().year
    return [one for y in (year, year + 1) for one in holidays_named(here.country, y, language())]


def _moved() -> dict[date, Shifts]:
    """Weekend days to come that the country works in exchange for a day off."""
    here, today = reads.business(), timezone.localdate()
    found = moved_days(here.country, today.year, listing.week()) if here else {}
    return {day: shifts for day, shifts in found.items() if day >= today}


def _shifts(form: Form, name: str) -> Shifts:
    try:
        return read_shifts(form.text(name))
    except InputError as error:
        form.wrong(name, str(error))
        return ()
