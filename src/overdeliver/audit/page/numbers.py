"""Numbers, shares, dates and money as a reader of one language writes them (CLDR, by Babel)."""

from datetime import date, datetime
from math import ceil, floor

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import (
    format_currency,
    format_decimal,
    format_percent,
    get_currency_symbol,
    list_currencies,
)

_CODES = frozenset(list_currencies())
_NARROW = "\N{NO-BREAK SPACE}"


class Numbers:
    """The manner of writing of one language.

    >>> n = Numbers("pt")
    >>> n.decimal(12.5), n.percent(0.912), n.day("2018-10-17")
    ('12,5', '91%', '17 de outubro de 2018')
    """

    def __init__(self, language: str) -> None:
        self.locale = Locale(language)

    def decimal(self, value: float, digits: int | None = None, *, signed: bool = False) -> str:
        """A number; without `digits` as many decimals as its size asks for.

        >>> [Numbers("en").decimal(x) for x in (3.0, 3.14, 314.1, 0.042)]
        ['3', '3.1', '314', '0.04']
        """
        places = _places(value) if digits is None else digits
        pattern = "#,##0" + ("." + "0" * places if places else "")
        shown = round(value, places) + 0.0
        text = format_decimal(shown, format=pattern, locale=self.locale)
        return _minus(f"+{text}" if signed and shown > 0 else text)

    def count(self, value: float) -> str:
        """A whole number with its groups of three."""
        return _minus(format_decimal(round(value), format="#,##0", locale=self.locale))

    def percent(self, share: float, digits: int = 0) -> str:
        """A share; it says 0 or 100 % only when it is exactly that.

        >>> [Numbers("en").percent(x) for x in (0.9972, 0.99999, 1.0, 0.0004)]
        ['99.7%', '>99.9%', '100%', '0.04%']
        """
        places = next((d for d in (digits, 1, 2) if d >= digits and _honest(share, d)), None)
        if places is None:
            return f">{self._percent(0.999, 1)}" if share > 0.5 else f"<{self._percent(0.0001, 2)}"
        return self._percent(share, places)

    def _percent(self, share: float, places: int) -> str:
        standard = self.locale.percent_formats[None].pattern
        decimals = "." + "0" * places if places else ""
        pattern = standard.replace("#,##0", f"#,##0{decimals}")
        return _minus(format_percent(share, format=pattern, locale=self.locale))

    def per_hundred(self, share: float) -> str:
        """How many of 100, without ever rounding a broken promise away.

        >>> [Numbers("en").per_hundred(x) for x in (0.912, 0.9972, 1.0)]
        ['91', '99.7', '100']
        """
        places = next((d for d in (0, 1, 2) if _honest(share, d)), 3)
        shown = min(share * 100, 99.999) if share < 1 else 100.0
        return self.decimal(shown, places)

    def interval(self, low: float, high: float, digits: int) -> str:
        """`[low, high]`; a semicolon parts them where the comma is the decimal sign."""
        comma = self.decimal(0.5, 1) != "0.5"
        gap = "; " if comma else ", "
        return f"[{self.decimal(low, digits)}{gap}{self.decimal(high, digits)}]"

    def percent_interval(self, low: float, high: float, *, sign: bool = False) -> str:
        """The interval of a share in hundredths, rounded outwards; with `sign` it says per cent.

        >>> Numbers("en").percent_interval(0.891, 0.926, sign=True)
        '89–93%'
        """
        ends = f"{_floor(low)}\N{EN DASH}{_ceil(high)}"
        if not sign:
            return ends
        return str(self.locale.percent_formats[None].pattern).replace("#,##0", ends)

    def money(self, value: float, code: str) -> str:
        """A sum in a currency; cents only below 100."""
        whole = abs(value) >= 100 or value == round(value)
        pattern = self.locale.currency_formats["standard"].pattern
        if whole:
            pattern = pattern.replace(".00", "")
        text = format_currency(
            value, code, format=pattern, locale=self.locale, currency_digits=False
        )
        symbol = get_currency_symbol(code, locale=self.locale)
        if symbol == code:  # a code needs air: KZT 1,200
            text = text.replace(f"{code}{_NARROW}", code).replace(code, f"{code}{_NARROW}")
            text = text.strip(_NARROW) if text.endswith(f"{code}{_NARROW}") else text
        return _minus(text)

    def day(self, iso: str) -> str:
        """A date in words; text that is no date is given back as it is."""
        try:
            return str(format_date(date.fromisoformat(iso[:10]), "long", locale=self.locale))
        except ValueError:
            return iso

    def month(self, iso: str) -> str:
        """`2018-05` as a short month and its year."""
        try:
            first = date.fromisoformat(f"{iso[:7]}-01")
        except ValueError:
            return iso
        return str(format_date(first, "LLL yyyy", locale=self.locale))

    def moment(self, iso: str) -> str:
        """A date with its time of day, to the minute."""
        try:
            moment = datetime.fromisoformat(iso)
        except ValueError:
            return iso
        clock = format_datetime(moment, "HH:mm", locale=self.locale)
        return f"{self.day(iso)}, {clock}"


def is_currency(unit: str) -> bool:
    """Whether a unit is the code of a currency.

    >>> is_currency("KZT"), is_currency("days")
    (True, False)
    """
    return unit in _CODES


def _places(value: float) -> int:
    size = abs(value)
    if size >= 100 or size == round(size):
        return 0
    return 1 if size >= 0.1 else 2


def _honest(share: float, places: int) -> bool:
    shown = round(share * 100, places)
    return (shown != 0 or share == 0) and (shown != 100 or share == 1)


def _floor(share: float) -> int:
    return max(floor(share * 100 + 1e-9), 0)


def _ceil(share: float) -> int:
    return min(ceil(share * 100 - 1e-9), 100)


def _minus(text: object) -> str:
    return str(text).replace("-", "\N{MINUS SIGN}")
