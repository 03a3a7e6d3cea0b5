"""Amounts, gaps and groups of one report, said in one language.

A gap is signed in the customer's favour: -3 days is three days late, +3 three days early; a sum
below the quote is positive; so is a service above what was booked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from overdeliver.audit.page.numbers import Numbers, is_currency
from overdeliver.audit.page.words import Words

UNITS = frozenset({"days", "hours", "minutes"})


@dataclass(frozen=True)
class Tell:
    """How this report speaks of its own lever and unit."""

    words: Words
    numbers: Numbers
    lever: str
    unit: str
    granularity: str
    tolerance: float

    def amount(self, value: float, digits: int | None = None) -> Markup:
        """A quantity with its unit: 3.1 days, $120, 0.4 classes."""
        return self._quantity(value, digits, "unit")

    def shift(self, value: float) -> Markup:
        """By how much something is shorter or longer; Kazakh and Russian decline the unit here."""
        return self._quantity(value, None, "shift")

    def _quantity(self, value: float, digits: int | None, case: str) -> Markup:
        if is_currency(self.unit):
            return Markup.escape(self.numbers.money(value, self.unit))
        shown = self.numbers.decimal(value, digits)
        if self.unit not in UNITS:
            key = "unit.other"
        else:
            key = next(k for k in (f"{case}.{self.unit}", f"unit.{self.unit}") if k in self.words)
        return self.words(key, count=self._counted(value, digits), n=shown, unit=self.unit)

    def _counted(self, value: float, digits: int | None) -> float:
        """The number the plural form is chosen by: as shown, not as stored."""
        if digits is None:
            digits = 0 if abs(value) >= 100 else 1
        return abs(round(value, digits))

    def figure(self, value: float | None, digits: int = 1) -> str:
        """A quantity in a column whose head names the unit: one decimal, so that they line up."""
        if value is None:
            return "–"
        if is_currency(self.unit):
            return self.numbers.money(value, self.unit)
        return self.numbers.decimal(value, 0 if abs(value) >= 1000 else digits)

    def signed(self, value: float | None) -> str:
        """A gap in a column: always with its sign."""
        if value is None:
            return "–"
        return self.numbers.decimal(value, 0 if abs(value) >= 100 else 1, signed=True)

    @property
    def unit_name(self) -> Markup:
        """The unit in the head of a column: days, hours, $ ..."""
        if self.unit in UNITS:
            return self.words(f"unit_name.{self.unit}")
        return escape(self.unit)

    def gap(self, value: float) -> Markup:
        """A gap in words: 3 days late, on the promised day, 2 hours early."""
        if round(value, 2) == 0:
            return self.zero
        side = "late" if value < 0 else "early"
        return self.words(f"gap.{self.lever}.{side}", amount=self.amount(abs(value)))

    @property
    def manner(self) -> str:
        """The lever to speak of: a cost counted in hours is neither paid nor a sum."""
        return "time" if self.lever == "cost" and self.unit in UNITS else self.lever

    @property
    def zero(self) -> Markup:
        """What the black line stands for."""
        key = f"zero.{self.manner}"
        return self.words(f"{key}_{self.granularity}" if self.manner == "time" else key)

    def span(self, low: float | None, high: float | None) -> Markup:
        """A bin of gaps in words; an open end is None."""
        if low is None and high is None:
            return self.words("outcome.unknown")
        if low is None or high is None:
            edge = high if low is None else low
            assert edge is not None
            return self._beyond(edge, late=low is None)
        low, high = self.ends(low, high)
        if low == high:
            return self.gap(low)
        side = "late" if low < 0 or high < 0 else "early"
        near, far = sorted((abs(low), abs(high)))
        return self.between("gap.range", near, far, side)

    def between(self, key: str, near: float, far: float, side: str) -> Markup:
        """Between two distances on one side of the promise."""
        amount = self.words(
            key, near=self.numbers.decimal(near), far=self._quantity(far, None, "span")
        )
        return self.words(f"gap.{self.lever}.{side}", amount=amount)

    def ends(self, low: float, high: float) -> tuple[float, float]:
        """Whole days: the bin [3, 5) holds 3 and 4."""
        if self.granularity == "day" and high - low >= 1:
            return low, high - 1
        return low, high

    def _beyond(self, edge: float, *, late: bool) -> Markup:
        side = "late" if late else "early"
        if edge == 0:
            return self.words(f"gap.{self.lever}.any_{side}")
        amount = self._quantity(abs(edge), None, "than" if late else "unit")
        key = "gap.more" if late else "gap.or_more"
        return self.words(f"gap.{self.lever}.{side}", amount=self.words(key, amount=amount))

    def said(self, kind: str, note: Mapping[str, Any], text: str) -> Markup:
        """A remark of the report: translated when its code is known, else as it was written."""
        have, need = note.get("have"), note.get("need")
        key = f"{kind}.{note.get('code')}"
        if key in self.words:
            values = {"have": have, "need": need, **(note.get("values") or {})}
            known: dict[str, Any] = {k: self._value(v) for k, v in values.items() if v is not None}
            known.pop("count", None)  # the name is taken: it chooses among plural forms
            try:
                return self.words(key, **known)
            except (KeyError, IndexError):
                pass  # the remark came without the values our text asks for: give its own words
        if self.words.language != "en" and have is not None and need is not None:
            return self.words(
                "page.have_of",
                count=need,
                have=self.numbers.count(have),
                need=self.numbers.count(need),
            )
        return self.foreign(text)

    def refusal(self, note: Mapping[str, Any], key: str = "page.refused") -> Markup:
        """Why something is not said: a lack is a sentence of its own, a shortage follows `key`."""
        reason = self.said("reason", note, note["not_enough"])
        if note.get("code") is not None and note.get("need") is None:
            return Markup("{}{}.").format(reason[:1].upper(), reason[1:])
        return self.words(key, reason=reason)

    def _value(self, value: Any) -> Markup:
        """A value of a remark in a sentence: counts with their groups of three, lists in a row."""
        if isinstance(value, Mapping):
            pairs = (Markup("{} ({})").format(given(k), self._value(v)) for k, v in value.items())
            return Markup(", ").join(pairs)
        if isinstance(value, list | tuple):
            return Markup(", ").join(self._value(one) for one in value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            whole = value == round(value)
            return escape(self.numbers.count(value) if whole else self.numbers.decimal(value))
        return given(value)

    def foreign(self, text: object) -> Markup:
        """Text the report wrote in English, marked as such on a page in another language."""
        if self.words.language == "en":
            return escape(str(text))
        return Markup('<span lang="en">{}</span>').format(str(text))


def given(value: Any, empty: str = "–") -> Markup:
    """A value from the reader's own data: as given, escaped, kept from turning its neighbours."""
    text = "" if value is None else str(value)
    return Markup("<bdi>{}</bdi>").format(text) if text.strip() else Markup.escape(empty)


def plain(value: Any, empty: str = "–") -> str:
    """The same for places that hold text only, such as a picture's description."""
    text = "" if value is None else str(value)
    return text if text.strip() else empty
