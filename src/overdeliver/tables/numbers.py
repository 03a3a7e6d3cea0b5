"""Numbers and amounts of money as people write them.

The decimal sign is decided once per column, never per row, from every value of the column:

* one with both signs (``1.234,50``), a sign followed by other than three digits (``12,5``), a
  leading zero (``0,500``), a sign met twice (``1.234.567``) or four digits before it (``1234,500``)
  decides;
* where both readings have such evidence the more frequent wins, the other values are unreadable;
* where nothing decides (``1,234`` everywhere), a comma groups thousands; a point does so in amounts
  of money, since money has no three decimals, but is a decimal point in plain numbers. A whole
  number of four digits or more without grouping (``1500``) beside it turns both into decimal signs.
  Either way a notice says what was assumed.
"""

from dataclasses import dataclass
from typing import Literal

import ibis
import ibis.expr.types as ir
from babel.numbers import list_currencies

from overdeliver.tables.cases import Notice
from overdeliver.tables.engine_functions import byte_length

NumberKind = Literal["number", "money"]

#: Money is kept exactly, to four decimals.
MONEY = "decimal(18, 4)"

_SPACES = "\u00a0\u202f\u2009\u2007\u2008"
_MINUS = "\u2212\u2013"
_QUOTES = "\u2019\u02bc"

#: What stands beside a number, and the currency it means; None where several use the sign.
SIGNS: dict[str, str | None] = {
    "R$": "BRL",
    "US$": "USD",
    "$": None,
    "€": "EUR",
    "£": "GBP",
    "¥": None,
    "₽": "RUB",
    "руб.": "RUB",
    "руб": "RUB",
    "р.": "RUB",
    "₸": "KZT",
    "тг": "KZT",
    "тенге": "KZT",
    "теңге": "KZT",
    "lei": None,
    "leu": None,
    "zł": "PLN",
    "Kč": "CZK",
    "Ft": "HUF",
    "kr.": None,
    "kr": None,
    "₴": "UAH",
    "₺": "TRY",
    "₹": "INR",
    "₼": "AZN",
    "₾": "GEL",
    "֏": "AMD",
    "₩": "KRW",
    "₪": "ILS",
}

_CODES = frozenset(list_currencies())


def _escaped(sign: str) -> str:
    return "".join("\\" + c if c in "$." else c for c in sign)


_SIGN = "|".join(_escaped(sign) for sign in sorted(SIGNS, key=len, reverse=True))
_CURRENCY = rf"(?i:{_SIGN}|[a-z]{{3}})"
_BODY = r"[0-9][0-9 .,']*|[.,][0-9]+"
_WHOLE = rf"^\(?[-+]? ?({_CURRENCY})? ?[-+]? ?({_BODY}) ?({_CURRENCY})? ?-?\)?$"
_PLAIN = r"^-?[0-9]+(\.[0-9]+)?$"
_SCIENTIFIC = r"^[-+]?[0-9]+(\.[0-9]+)?[eE][-+]?[0-9]{1,3}$"


def _decimal_evidence(sign: str, group: str) -> str:
    s, g = f"\\{sign}", f"\\{group}"
    return (
        rf"^[0-9]*{s}([0-9]{{1,2}}|[0-9]{{4,}})$|^0*{s}[0-9]+$|^[0-9]{{4,}}{s}[0-9]+$"
        rf"|^[0-9]{{1,3}}({g}[0-9]{{2,3}})*{g}[0-9]{{3}}{s}[0-9]+$"
        rf"|^[0-9]{{1,3}}({g}[0-9]{{2,3}})+{g}[0-9]{{3}}$"
    )


@dataclass(frozen=True)
class Evidence:
    """How many values of a column speak for what."""

    given: int = 0
    plain: int = 0
    point: int = 0
    comma: int = 0
    either_point: int = 0  # 1.234
    either_comma: int = 0  # 1,234
    ungrouped: int = 0  # 1234
    signed: int = 0  # with a currency
    fine: int = 0  # more than four decimals


@dataclass(frozen=True)
class NumberReading:
    """A text column read as numbers. ``value`` is NULL where the text is blank or unreadable."""

    value: ir.Value
    currency: ir.Value
    decimal: Literal[".", ","]
    has_currency: bool
    reason: str
    notices: tuple[Notice, ...] = ()


def read_numbers(table: ir.Table, column: str, kind: NumberKind) -> NumberReading:
    """Read a column of text as float64 (``number``) or exact decimal(18, 4) (``money``).

    ``currency`` holds the ISO 4217 code beside the number, or the sign itself where several
    currencies share it; NULL where there is none.

    >>> from overdeliver.tables.sources import open_source
    >>> import pyarrow as pa
    >>> table = open_source(pa.table({"paid": ["1.234,50 €", "-7", "x"]})).table
    >>> reading = read_numbers(table, "paid", "money")
    >>> reading.decimal, table.select(paid=reading.value).to_pyarrow()["paid"].to_pylist()
    (',', [Decimal('1234.5000'), Decimal('-7.0000'), None])
    """
    text = clean(table, column)
    evidence = _gather(table, text)
    decimal, doubtful, why = decide(evidence, kind)
    notices = _notices(column, decimal, evidence, kind, why)
    if evidence.plain == evidence.given and decimal == ".":
        value = text.nullif("").try_cast(MONEY if kind == "money" else "float64")
        none = ibis.null("string")
        return NumberReading(value, none, ".", False, _reason(kind, "."), notices)
    return NumberReading(
        _value(text, decimal, doubtful, kind),
        _currency(text),
        decimal,
        evidence.signed > 0,
        _reason(kind, decimal),
        notices,
    )


def clean(table: ir.Table, column: str) -> ir.Value:
    """A column's text without outer blanks, with one kind of blank, minus and apostrophe."""
    text = table[column]
    foreign = (byte_length(text) > text.length()).any()
    if not table.aggregate(foreign=foreign).to_pyarrow()["foreign"][0].as_py():
        return text.strip()
    odd = _SPACES + _MINUS + _QUOTES
    plain = " " * len(_SPACES) + "-" * len(_MINUS) + "'" * len(_QUOTES)
    return text.translate(odd, plain).strip()


def _gather(table: ir.Table, text: ir.Value) -> Evidence:
    plain = _gather_plain(table, text)
    return plain if plain.plain == plain.given else _gather_all(table, text)


def _gather_plain(table: ir.Table, text: ir.Value) -> Evidence:
    """The cheap half: enough where every value is digits with at most one decimal point."""
    point = text.find(".")
    decimals = text.length() - point - 1
    digits = text.replace("-", "")
    short = digits.find(".").between(1, 3) & ~digits.startswith("0")
    counts = {
        "given": text != "",
        "plain": text.re_search(_PLAIN),
        "point": (point >= 0) & ((decimals != 3) | ~short),
        "either_point": (point >= 0) & (decimals == 3) & short,
        "ungrouped": (point < 0) & (digits.length() > 3),
        "fine": (point >= 0) & (decimals > 4) & ~text.endswith("0"),
    }
    return _counted(table, counts)


def _gather_all(table: ir.Table, text: ir.Value) -> Evidence:
    core = text.re_extract(_WHOLE, 2).re_replace("[ ']", "")
    counts = {
        "given": text != "",
        "plain": text.re_search(_PLAIN),
        "point": core.re_search(_decimal_evidence(".", ",")),
        "comma": core.re_search(_decimal_evidence(",", ".")),
        "either_point": core.re_search(r"^[1-9][0-9]{0,2}\.[0-9]{3}$"),
        "either_comma": core.re_search(r"^[1-9][0-9]{0,2},[0-9]{3}$"),
        "ungrouped": text.re_search(r"(^|[^0-9.,' ])[1-9][0-9]{3,}([^0-9.,' ]|$)"),
        "signed": (core != "") & text.re_search(_CURRENCY),
        "fine": core.re_search(r"[.,][0-9]{4}[0-9]*[1-9]$"),
    }
    return _counted(table, counts)


def _counted(table: ir.Table, counts: dict[str, ir.Value]) -> Evidence:
    sums = {name: found.sum().fill_null(0) for name, found in counts.items()}
    row = table.aggregate(**sums).to_pyarrow().to_pylist()[0]
    return Evidence(**{name: int(value) for name, value in row.items()})


def decide(evidence: Evidence, kind: NumberKind) -> tuple[Literal[".", ","], bool, str]:
    """The decimal sign, whether values that fit both readings are unreadable, and what was assumed.

    >>> decide(Evidence(given=2, comma=1), "number")
    (',', False, '')
    >>> decide(Evidence(given=2, either_comma=2), "money")[0]
    '.'
    """
    e = evidence
    if e.point or e.comma:
        mixed = bool(e.point and e.comma)
        return (",", mixed, "") if e.comma > e.point else (".", mixed, "")
    if e.either_point and e.either_comma:
        return ".", True, ""
    if e.either_comma:
        return (",", False, "decimal") if e.ungrouped else (".", False, "thousands")
    if e.either_point:
        groups = kind == "money" and not e.ungrouped
        return (",", False, "thousands") if groups else (".", False, "decimal")
    return ".", False, ""


def _notices(
    column: str, decimal: str, evidence: Evidence, kind: NumberKind, why: str
) -> tuple[Notice, ...]:
    found = []
    if why:
        sign, example = ("comma", "1,234") if evidence.either_comma else ("point", "1.234")
        meant = "1234" if why == "thousands" else "1.234 (one and a bit)"
        found.append(
            Notice(
                "decimal_assumed",
                f"Column {column}: nothing tells whether the {sign} in {example} groups thousands; "
                f"{example} was read as {meant}.",
                {"column": column, "decimal": decimal},
            )
        )
    if evidence.point and evidence.comma:
        found.append(
            Notice(
                "decimal_mixed",
                f"Column {column} mixes decimal commas ({evidence.comma:,}) and points "
                f"({evidence.point:,}); it was read with {_named(decimal)}, the rest is rejected.",
                {"column": column, "comma": evidence.comma, "point": evidence.point},
            )
        )
    if kind == "money" and evidence.fine:
        found.append(
            Notice(
                "money_rounded",
                f"Column {column}: {evidence.fine:,} amounts with more than four decimals were "
                "rounded to four.",
                {"column": column, "rows": evidence.fine},
            )
        )
    return tuple(found)


def _named(decimal: str) -> str:
    return "decimal commas" if decimal == "," else "decimal points"


def _reason(kind: NumberKind, decimal: str) -> str:
    what = "an amount of money" if kind == "money" else "a number"
    return f"not {what} (read with {_named(decimal)})"


def _value(text: ir.Value, decimal: str, doubtful: bool, kind: NumberKind) -> ir.Value:
    group = "." if decimal == "," else ","
    body = text.re_extract(_WHOLE, 2).strip()
    d, g = f"\\{decimal}", f"\\{group}"
    grouped = rf"[0-9]{{1,3}}([ '{g}][0-9]{{3}})+|[0-9]{{1,2}}({g}[0-9]{{2}})+{g}[0-9]{{3}}"
    fits = body.re_search(rf"^([0-9]+|{grouped})?({d}[0-9]+)?$") & (body != "")
    digits = body.re_replace(rf"[ '{g}]", "").replace(decimal, ".")
    opened, closed = text.startswith("("), text.endswith(")")
    sound = fits & (opened == closed) & (text.replace("-", "").length() >= text.length() - 1)
    sound &= _known_currency(text)
    if doubtful:
        sound &= ~body.re_search(r"^[1-9][0-9]{0,2}[.,][0-9]{3}$")
    negative = opened | text.contains("-")
    signed = ibis.ifelse(negative, ibis.literal("-") + digits, digits)
    exact = ibis.ifelse(sound, signed, ibis.null("string"))
    if kind == "money":
        return exact.try_cast(MONEY)
    plain = ibis.ifelse(text.re_search(_SCIENTIFIC), text, exact).try_cast("float64")
    return ibis.ifelse(plain.isinf(), ibis.null("float64"), plain)


def _beside(text: ir.Value) -> ir.Value:
    return text.re_extract(_WHOLE, 1) + text.re_extract(_WHOLE, 3)


def _known_currency(text: ir.Value) -> ir.Value:
    beside = _beside(text)
    signs = [sign.lower() for sign in SIGNS]
    return (beside == "") | beside.lower().isin(signs) | beside.upper().isin(sorted(_CODES))


def _currency(text: ir.Value) -> ir.Value:
    """The code or sign beside the number; NULL for none or an unknown one."""
    beside = _beside(text)
    known = [(beside.lower() == s.lower(), ibis.literal(code or s)) for s, code in SIGNS.items()]
    codes = (beside.upper().isin(sorted(_CODES)), beside.upper())
    return ibis.cases(*known, codes, else_=ibis.null("string"))
