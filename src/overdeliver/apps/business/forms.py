"""The forms of Settings: profile, service, touchpoint, opening hours."""

from collections.abc import Sequence
from datetime import time

import pytz
from babel import Locale
from babel.core import get_global
from babel.numbers import get_currency_name, get_territory_currencies
from django.conf import settings

from overdeliver.apps.business.checks import countries
from overdeliver.apps.business.contacts import PHASES
from overdeliver.apps.business.fields import Field, Form, Option, options_of, plain_number
from overdeliver.apps.business.listing import TouchpointCard
from overdeliver.apps.business.reads import BusinessCard, ServiceCard
from overdeliver.apps.look.words import language, word
from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.gap import LEVERS
from overdeliver.vocabulary.hours import Shifts
from overdeliver.vocabulary.moments import SECONDS

#: The country a language most likely stands for, while nothing was chosen.
_HOME = {"en": "GB", "pt": "PT", "ru": "KZ", "ro": "RO", "kk": "KZ"}


def profile_form(here: BusinessCard | None) -> Form:
    """Name, country, zone, currency, language; a new business takes zone and currency from the
    country where nothing is chosen."""
    tongue = language()
    country = here.country if here else _HOME[tongue]
    usual: list[Option] = [] if here else [("", str(word("business.profile.usual")))]
    return Form(
        Field(
            "name",
            word("business.profile.name"),
            value=here.name if here else "",
            required=True,
            autocomplete="organization",
        ),
        Field(
            "country",
            word("business.profile.country"),
            "select",
            country,
            hint=word("business.profile.country_hint"),
            options=_countries(tongue),
        ),
        Field(
            "zone",
            word("business.profile.zone"),
            "select",
            here.zone if here else "",
            options=[*usual, *((zone, zone.replace("_", " ")) for zone in pytz.common_timezones)],
        ),
        Field(
            "currency",
            word("business.profile.currency"),
            "select",
            here.currency if here else "",
            options=[*usual, *_currencies(tongue)],
        ),
        Field(
            "language",
            word("business.profile.language"),
            "select",
            here.language if here else tongue,
            hint=word("business.profile.language_hint"),
            options=list(settings.LANGUAGES),
        ),
    )


def usual_in(country: str) -> tuple[str, str]:
    """The zone and the currency of a country, where it has more than one the first.

    >>> usual_in("KZ"), usual_in("MD")
    (('Asia/Almaty', 'KZT'), ('Europe/Chisinau', 'MDL'))
    """
    zones = pytz.country_timezones.get(country) or ["UTC"]
    money = get_territory_currencies(country) or ["EUR"]
    return zones[0], money[0]


def service_form(card: ServiceCard | None, currency: str) -> Form:
    """A service: name, lever, unit, tolerance, fallback, classes from the lowest up."""
    units = [*SECONDS, currency]
    if card and card.unit not in (*units, "class"):
        units.append(card.unit)
    return Form(
        Field(
            "name", word("business.service.name"), value=card.name if card else "", required=True
        ),
        Field(
            "lever",
            word("business.service.lever"),
            "select",
            card.lever if card else "time",
            hint=word("business.service.lever_hint"),
            options=options_of("look.lever", LEVERS),
        ),
        Field(
            "unit",
            word("business.service.unit"),
            "select",
            card.unit if card else "days",
            hint=word("business.service.unit_hint"),
            options=[
                *options_of("look.unit_name", SECONDS),
                *((one, one) for one in units if one not in SECONDS),
                ("class", str(word("look.unit_name.class"))),
            ],
        ),
        Field(
            "whole",
            word("business.service.whole"),
            "check",
            "yes" if (card.whole if card else True) else "",
            hint=word("business.service.whole_hint"),
        ),
        Field(
            "tolerance",
            word("business.service.tolerance"),
            "number",
            plain_number(card.tolerance if card else 0),
            hint=word("business.service.tolerance_hint"),
        ),
        Field(
            "fallback",
            word("business.service.fallback"),
            "number",
            plain_number(card.fallback if card else None),
            hint=word("business.service.fallback_hint"),
        ),
        Field(
            "classes",
            word("business.service.classes"),
            "textarea",
            "\n".join(card.classes) if card else "",
            hint=word("business.service.classes_hint"),
        ),
    )


def touchpoint_form(card: TouchpointCard | None, owners: Sequence[str]) -> Form:
    """A touchpoint: its three fields, its owner, what customers are told there and until when."""
    until = card.information_until if card else None
    return Form(
        Field("name", word("business.touch.name"), value=card.name if card else "", required=True),
        Field(
            "phase",
            word("business.touch.phase"),
            "select",
            card.phase if card else PHASES[0],
            options=options_of("business.phase", PHASES),
        ),
        Field(
            "can_go_wrong",
            word("business.touch.can_go_wrong"),
            "textarea",
            card.can_go_wrong if card else "",
        ),
        Field(
            "expected",
            word("business.touch.expected"),
            "textarea",
            card.expected if card else "",
            hint=word("business.touch.expected_hint"),
        ),
        Field(
            "owner",
            word("business.touch.owner"),
            value=card.owner if card else "",
            hint=word("business.touch.owner_hint"),
            suggestions=owners,
        ),
        Field(
            "information",
            word("business.touch.information"),
            "textarea",
            card.information if card else "",
            hint=word("business.touch.information_hint"),
        ),
        Field(
            "information_until",
            word("business.touch.until"),
            "date",
            until.isoformat() if until else "",
            hint=word("business.touch.until_hint"),
        ),
    )


def week_form(week: Sequence[Shifts]) -> Form:
    """One line per weekday: ``09:00-13:00, 14:00-18:00``; empty is closed."""
    return Form(
        *(
            Field(f"day-{number}", _weekday(number), value=shown_shifts(shifts))
            for number, shifts in enumerate(week)
        )
    )


def special_form(day: str = "", name: str = "", hours: str = "") -> Form:
    """A day with hours of its own."""
    return Form(
        Field("day", word("business.hours.day"), "date", day, required=True),
        Field("name", word("business.hours.name"), value=name),
        Field(
            "hours",
            word("business.hours.hours"),
            value=hours,
            hint=word("business.hours.closed_hint"),
        ),
    )


def read_shifts(text: str) -> Shifts:
    """The shifts of a day. InputError: a part is none.

    >>> read_shifts("9-13, 14:00 – 18:30")
    ((datetime.time(9, 0), datetime.time(13, 0)), (datetime.time(14, 0), datetime.time(18, 30)))
    """
    found = []
    for part in text.replace(";", ",").replace("–", "-").replace("—", "-").split(","):
        if part.strip():
            opens, dash, closes = part.partition("-")
            if not dash:
                raise InputError(word("business.hours.no_shift", given=part.strip()))
            found.append((_clock(opens), _clock(closes)))
    return tuple(found)


def shown_shifts(shifts: Shifts) -> str:
    """Shifts as they are typed.

    >>> shown_shifts(((time(9), time(13)), (time(14), time(0))))
    '09:00–13:00, 14:00–00:00'
    """
    return ", ".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in shifts)


def _clock(text: str) -> time:
    hours, _, minutes = text.strip().replace(".", ":").partition(":")
    try:
        return time(int(hours) % 24 if hours == "24" else int(hours), int(minutes or 0))
    except ValueError:
        raise InputError(word("business.hours.no_shift", given=text.strip())) from None


def _weekday(number: int) -> str:
    return str(Locale(language()).days["stand-alone"]["wide"][number]).capitalize()


def _countries(tongue: str) -> list[Option]:
    names = Locale(tongue).territories
    # Countries of the five languages first, then everybody by name.
    first = ("KZ", "RO", "MD", "PT", "BR")
    rest = sorted(countries() - set(first), key=lambda code: str(names.get(code, code)))
    return [(code, str(names.get(code, code))) for code in (*first, *rest)]


def _currencies(tongue: str) -> list[Option]:
    first = ("EUR", "KZT", "RON", "MDL", "BRL", "USD")
    used = {
        code for part in get_global("territory_currencies").values() for code, end in _now(part)
    }
    codes = (*first, *sorted(used - set(first)))
    return [(code, f"{code} · {get_currency_name(code, locale=tongue)}") for code in codes]


def _now(part: Sequence[tuple[str, object, object, bool]]) -> list[tuple[str, object]]:
    return [(code, end) for code, _, end, tender in part if tender and end is None]
