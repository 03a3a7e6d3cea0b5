"""Numbers, shares, money, lengths and moments as the reader of the request writes them."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date, format_datetime, format_timedelta
from django.utils import timezone
from markupsafe import Markup

from overdeliver.apps.look.words import language, word
from overdeliver.audit.page.numbers import Numbers, is_currency

_LOCALES = {"en": "en_GB", "pt": "pt", "ru": "ru", "ro": "ro", "kk": "kk"}


@lru_cache(maxsize=8)
def numbers_in(tongue: str) -> Numbers:
    """The manner of writing of a language."""
    return Numbers(_LOCALES.get(tongue, tongue))


def number(value: float | Decimal | None, digits: int | None = None) -> str:
    """A number with the decimals its size asks for; a dash for none.

    >>> number(1234.5), number(3.14), number(None)
    ('1,234', '3.1', '–')
    """
    return "–" if value is None else numbers_in(language()).decimal(float(value), digits)


def share(value: float | None) -> str:
    """A share in per cent; never 0 or 100 unless it is exactly that.

    >>> share(0.912), share(0.9997)
    ('91%', '99.97%')
    """
    return "–" if value is None else numbers_in(language()).percent(value)


def share_interval(low: float, high: float) -> str:
    """The interval of a share in per cent, rounded outwards.

    >>> share_interval(0.064, 0.139)
    '6–14%'
    """
    return numbers_in(language()).percent_interval(low, high, sign=True)


def money(value: Decimal | float | None, currency: str) -> str:
    """A sum in its currency.

    >>> money(Decimal("1200.50"), "EUR")
    '€1,200'
    """
    return "–" if value is None else numbers_in(language()).money(float(value), currency)


def length(value: float | None, unit: str) -> Markup:
    """A promise or a gap in its unit: ``3 days``, ``45 minutes``, ``€120``, ``class 2``.

    >>> str(length(3, "days")), str(length(0.98, "days")), str(length(120, "EUR"))
    ('3 days', '1 day', '€120')
    """
    if value is None:
        return Markup("–")
    if is_currency(unit):
        return Markup("{}").format(money(value, unit))
    told = _rounded(value)
    if unit == "class":
        return word("look.unit.class", count=abs(told), n=number(told))
    return word(f"look.unit.{unit}", count=abs(told), n=number(told))


def _rounded(value: float) -> float:
    """As it will be written, so that the noun agrees with it: 19.96 is 20, not 20.0."""
    size = abs(value)
    return round(value, 0 if size >= 100 else 1 if size >= 0.1 else 2)


def day(value: date | datetime | None, style: str = "long") -> str:
    """A date in words, in the business's zone; this year's without its year, unless ``dated``.

    >>> day(date(2019, 3, 5)), day(date(2019, 3, 5), "dated")
    ('5 March 2019', '5 March 2019')
    """
    if value is None:
        return "–"
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    if style == "long" and value.year == timezone.localdate().year:
        return str(format_date(value, _SHORT[language()], locale=_LOCALES[language()]))
    width = "long" if style == "dated" else style
    return str(format_date(value, width, locale=_LOCALES[language()]))


_SHORT = {"en": "d MMMM", "pt": "d 'de' MMMM", "ru": "d MMMM", "ro": "d MMMM", "kk": "d MMMM"}


def moment(value: datetime | None) -> str:
    """A date with its time of day, in the business's zone."""
    if value is None:
        return "–"
    return f"{day(value)}, {clock(value)}"


def clock(value: datetime) -> str:
    """The time of day, to the minute."""
    there = timezone.localtime(value)
    return str(format_datetime(there, "HH:mm", locale=_LOCALES[language()]))


def ago(value: datetime | None) -> str:
    """How long ago, or in how long, in the largest fitting unit."""
    if value is None:
        return "–"
    difference = value - timezone.now()
    return str(format_timedelta(difference, add_direction=True, locale=_LOCALES[language()]))
