"""A promise and its reasons in words, in the reader's language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_currency
from django.utils import translation

from overdeliver.apps.look import numbers
from overdeliver.apps.look.words import has_word, word
from overdeliver.audit.page.numbers import is_currency
from overdeliver.vocabulary.moments import SECONDS, zone_named

_LOCALES = {"en": "en_GB"}
_DAY = {"en": "d MMMM", "pt": "d 'de' MMMM", "ru": "d MMMM", "ro": "d MMMM", "kk": "d MMMM"}
_DAY_AND_YEAR = {
    "en": "d MMMM y",
    "pt": "d 'de' MMMM 'de' y",
    "ru": "d MMMM y 'г.'",
    "ro": "d MMMM y",
    "kk": "y 'ж.' d MMMM",
}
#: From this length on a promise of minutes or hours is said as a moment.
_LONG = 24 * 3600


@dataclass(frozen=True)
class Saying:
    """What has to be known to say a promise."""

    lever: str
    unit: str
    promised: float
    made_at: datetime
    due_at: datetime | None
    whole: bool
    zone: str
    moved: bool = False
    classes: Sequence[str] = ()


def promise_in_words(said: Saying, language: str) -> str:
    """The promise as a customer reads it: "by Friday, 13 March", "within 45 minutes".

    Days are named, never "today" or "tomorrow": the words stay true when they are read later.
    """
    with translation.override(language):
        if said.lever == "service":
            return str(word("quoting.said.class", name=_class(said)))
        if said.lever == "cost":
            return str(word("quoting.said.at_most", length=_amount(said.promised, said.unit)))
        if said.due_at is not None and said.whole and said.unit in ("days", "weeks"):
            return _by_day(said, language)
        seconds = said.promised * SECONDS.get(said.unit, 1)
        if said.due_at is not None and (said.moved or seconds > _LONG):
            return _by_moment(said, language)
        return str(
            word(
                f"quoting.said.within.{said.unit}",
                count=said.promised,
                n=numbers.number(said.promised),
            )
        )


def reasons_in_words(reasons: Iterable[Sequence[Any]], language: str = "") -> list[str]:
    """Reasons kept as ``[key, values]`` as sentences; in the language of the request by default.

    A key that is no word any more is left out.
    """
    with translation.override(language or translation.get_language()):
        return [_reason(key, values) for key, values in reasons if has_word(_name(key))]


def _name(key: str) -> str:
    return f"quoting.because.{key}"


def _reason(key: str, values: Mapping[str, Any]) -> str:
    unit = str(values.get("unit", ""))
    shown = {name: _value(name, value, unit) for name, value in values.items()}
    count = values.get("n", values.get("need", 0))
    return str(word(_name(key), count=float(count), **shown))


def _value(name: str, value: Any, unit: str) -> str:
    """A value as its name asks: shares, lengths in the unit, plain numbers."""
    if not isinstance(value, int | float):
        return str(value)
    if name in ("level", "kept") or (name in ("low", "high") and not unit):
        return numbers.share(value)
    if name in ("length", "low", "high"):
        return str(numbers.length(value, unit))
    return numbers.number(value)


def _by_day(said: Saying, language: str) -> str:
    there = said.due_at.astimezone(zone_named(said.zone))  # type: ignore[union-attr]
    return str(word(f"quoting.said.by.{there.weekday()}", date=_date(said, there, language)))


def _by_moment(said: Saying, language: str) -> str:
    there = said.due_at.astimezone(zone_named(said.zone))  # type: ignore[union-attr]
    return str(
        word(
            f"quoting.said.by_time.{there.weekday()}",
            date=_date(said, there, language),
            time=format_time(there, "HH:mm", locale=_locale(language)),
        )
    )


def _date(said: Saying, there: datetime, language: str) -> str:
    """The day, with its year where it is not the one the promise was made in."""
    same = there.year == said.made_at.astimezone(there.tzinfo).year
    pattern = (_DAY if same else _DAY_AND_YEAR)[language]
    return str(format_date(there.date(), pattern, locale=_locale(language)))


def _locale(language: str) -> str:
    return _LOCALES.get(language, language)


def _amount(value: float, unit: str) -> str:
    """A ceiling: to the coin where it has coins, without them where it is round."""
    if not is_currency(unit):
        return str(numbers.length(value, unit))
    locale = Locale.parse(_locale(translation.get_language() or "en"))
    pattern = locale.currency_formats["standard"].pattern
    if value == round(value):
        pattern = pattern.replace(".00", "")
    return str(format_currency(value, unit, pattern, locale=locale, currency_digits=False))


def _class(said: Saying) -> str:
    rank = round(said.promised)
    return said.classes[rank - 1] if 0 < rank <= len(said.classes) else str(rank)
