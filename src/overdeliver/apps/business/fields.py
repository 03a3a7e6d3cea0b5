"""Fields of a form as data: what was typed stays, what is wrong is said beside it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.http import QueryDict

from overdeliver.apps.look.words import word
from overdeliver.vocabulary.errors import OverdeliverError

Option = tuple[str, str]


@dataclass
class Field:
    """One field: its label and hint in the reader's language, what was typed, what is wrong."""

    name: str
    label: str
    kind: str = "text"  # text, email, password, number, date, textarea, select, check, several
    value: str = ""
    hint: str = ""
    options: Sequence[Option] = ()
    required: bool = False
    chosen: list[str] = field(default_factory=list)  # of a field of several
    suggestions: Sequence[str] = ()
    autocomplete: str = "off"
    rows: int = 3
    error: str = ""
    foreign: bool = False  # the error is in English

    @property
    def described(self) -> str:
        """The ids that say more about it, for screen readers."""
        found = [f"{self.name}-hint"] if self.hint else []
        return " ".join([*found, f"{self.name}-error"] if self.error else found)


class Form:
    """Fields in order; `fill` takes what was typed, the readers turn it into values."""

    def __init__(self, *fields: Field) -> None:
        self.fields = {one.name: one for one in fields}
        self.error = ""

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields.values())

    def __getitem__(self, name: str) -> Field:
        return self.fields[name]

    def fill(self, typed: QueryDict) -> bool:
        """Take what was typed; whether every required field has something."""
        for one in self:
            if one.kind == "check":
                one.value = "yes" if typed.get(one.name) else ""
            elif one.kind == "several":
                one.chosen = typed.getlist(one.name)
            else:
                one.value = typed.get(one.name, "")
            if one.required and not (one.value.strip() or one.chosen):
                self.wrong(one.name, word("business.form.empty"))
        return self.right

    @property
    def right(self) -> bool:
        """Whether nothing is wrong so far."""
        return not self.error and not any(one.error for one in self)

    def wrong(self, name: str, text: str, *, foreign: bool = False) -> None:
        """Say at a field what is wrong; the first thing said stays."""
        if not self[name].error:
            self[name].error, self[name].foreign = str(text), foreign

    def refuse(self, error: OverdeliverError) -> None:
        """Put an error of an action beside the field it begins with, else above the form."""
        name, colon, rest = str(error).partition(": ")
        if colon and name in self.fields:
            self.wrong(name, rest, foreign=True)
        else:
            self.error = str(error)

    def text(self, name: str) -> str:
        """What was typed, trimmed."""
        return self[name].value.strip()

    def flag(self, name: str) -> bool:
        """Whether the box is ticked."""
        return bool(self[name].value)

    def number(self, name: str) -> float | None:
        """A number, with a comma or a point; None: empty, or wrong and said so."""
        text = self.text(name)
        if not text:
            return None
        try:
            return read_number(text)
        except ValueError:
            self.wrong(name, word("business.form.no_number"))
            return None

    def day(self, name: str) -> date | None:
        """A date; None: empty, or wrong and said so."""
        text = self.text(name)
        if not text:
            return None
        try:
            return datetime.strptime(text, "%Y-%m-%d").date()
        except ValueError:
            self.wrong(name, word("business.form.no_date"))
            return None


def read_number(text: str) -> float:
    """A number as people type it. ValueError: it is none.

    >>> read_number("1 200,5"), read_number("3.25")
    (1200.5, 3.25)
    """
    plain = "".join(text.split()).replace("\u202f", "").replace("\xa0", "")
    found = float(plain.replace(",", ".") if plain.count(",") == 1 and "." not in plain else plain)
    if found != found or abs(found) == float("inf"):
        raise ValueError(text)
    return found


def plain_number(value: float | None) -> str:
    """A number as a field shows it.

    >>> plain_number(3.0), plain_number(0.25), plain_number(None)
    ('3', '0.25', '')
    """
    if value is None:
        return ""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def options_of(key: str, values: Iterable[str]) -> list[Option]:
    """Options whose labels are words: ``key.value``."""
    return [(value, str(word(f"{key}.{value}"))) for value in values]
