"""Which column is which field: by its name in five languages and by what it holds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from overdeliver.tables.cases import Notice
from overdeliver.tables.draft import kind_of
from overdeliver.tables.name_words import COST_WORDS, FILLER, FOREIGN, SOFT, UNIT_WORDS
from overdeliver.tables.names import PHRASES
from overdeliver.tables.words import words
from overdeliver.vocabulary.errors import InputError

#: What a column holds, as far as its type or a sample of its text tells.
Holds = Literal["moment", "number", "text", "boolean", "empty", "other"]

#: The confidence of one word that may mean anything, such as "id".
WEAK = 0.7
_LEAST = 0.55  # below this a name says too little to act on
_CLOSE = 0.12  # two columns nearer than this for one field: say so
_FITS: Mapping[str, frozenset[str]] = {
    "moment": frozenset({"moment"}),
    "number": frozenset({"number"}),
    "money": frozenset({"number"}),
    "class": frozenset({"text", "number"}),
    "text": frozenset({"text", "number", "empty"}),
}
_EMPTY_FITS = frozenset({"moment", "number", "money", "class"})


@dataclass(frozen=True)
class Match:
    """One field found in one column; ``confidence`` is 1 for a stated mapping or an exact name."""

    field: str
    column: str
    confidence: float
    stated: bool = False


@dataclass(frozen=True)
class Recognition:
    """Every field found, the notices about doubtful ones, and what the names say of the unit."""

    matches: tuple[Match, ...]
    notices: tuple[Notice, ...] = ()

    @property
    def mapping(self) -> dict[str, str]:
        """Field -> column."""
        return {match.field: match.column for match in self.matches}


def recognise(holds: Mapping[str, Holds], stated: Mapping[str, str] | None = None) -> Recognition:
    """Name the fields of a table. ``holds`` says for each column, in order, what it holds.

    A stated field -> column wins; each column serves one field at most; two columns equally good
    for one field give a notice ``ambiguous_column`` and the first is taken.
    InputError: a stated field or column does not exist.

    >>> found = recognise({"Pedido": "text", "Data prometida": "moment", "Entregue em": "moment"})
    >>> found.mapping
    {'order_id': 'Pedido', 'promised_at': 'Data prometida', 'delivered_at': 'Entregue em'}
    """
    fixed = _stated(holds, stated or {})
    taken_fields, taken_columns = set(fixed), set(fixed.values())
    guesses = sorted(_guesses(holds), key=lambda match: -match.confidence)
    chosen = [Match(name, column, 1.0, stated=True) for name, column in fixed.items()]
    notices: list[Notice] = []
    for guess in guesses:
        if guess.field in taken_fields or guess.column in taken_columns:
            continue
        taken_fields.add(guess.field)
        taken_columns.add(guess.column)
        chosen.append(guess)
    for match in chosen:
        rivals = [] if match.stated else _rivals(match, guesses, taken_columns)
        if rivals:
            notices.append(_ambiguous(match, rivals))
    order = {name: at for at, name in enumerate((*PHRASES,))}
    chosen.sort(key=lambda match: order.get(match.field, len(order)))
    return Recognition(tuple(chosen), tuple(notices))


def unit_in(*columns: str | None) -> str | None:
    """The time unit that column names state, if they agree on one.

    >>> unit_in("HoursEstimate", "HoursActual"), unit_in("Time_taken(min)"), unit_in("eta")
    ('hours', 'minutes', None)
    """
    found = {UNIT_WORDS[w] for name in columns if name for w in words(name) if w in UNIT_WORDS}
    return found.pop() if len(found) == 1 else None


def speaks_of_cost(*columns: str | None) -> bool:
    """Whether column names speak of money or of estimated work.

    >>> speaks_of_cost("HoursEstimate", "HoursActual"), speaks_of_cost("promised_minutes")
    (True, False)
    """
    return any(word in COST_WORDS for name in columns if name for word in words(name))


def find_column(columns: Iterable[str], wanted: str) -> str | None:
    """The column of that name: exactly, else the only one equal but for case, accents and signs."""
    names = list(columns)
    if wanted in names:
        return wanted
    alike = [name for name in names if words(name) == words(wanted)]
    return alike[0] if len(alike) == 1 else None


def _stated(holds: Mapping[str, Holds], stated: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, wanted in stated.items():
        if kind_of(name) is None:
            known = ", ".join((*PHRASES, "stage:NAME"))
            raise InputError(f"--map {name}={wanted}: no field is called {name!r}; fields: {known}")
        column = find_column(holds, wanted)
        if column is None:
            raise InputError(
                f"--map {name}={wanted}: no column is called {wanted!r}; columns: {listed(holds)}"
            )
        found[name] = column
    return found


def listed(columns: Iterable[str], most: int = 30) -> str:
    """Column names for a message, the first ``most`` of them."""
    names = list(columns)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _guesses(holds: Mapping[str, Holds]) -> list[Match]:
    return [
        Match(name, column, confidence)
        for name in PHRASES
        for column, held in holds.items()
        if _fits(name, held) and (confidence := likeness(name, column)) >= _LEAST
    ]


def _fits(name: str, held: Holds) -> bool:
    kind = kind_of(name)
    if kind is None:
        return False
    if name == "cancelled_at" and held == "boolean":
        return True
    return held in _FITS[kind] or (held == "empty" and kind in _EMPTY_FITS)


@cache
def _phrases(name: str) -> tuple[tuple[str, ...], ...]:
    parts = PHRASES[name].replace("\n", ";").split(";")
    return tuple(dict.fromkeys(w for part in parts if (w := words(part))))


def likeness(name: str, column: str) -> float:
    """How much a column's name says that it holds the field, 0 to 1.

    1 for a phrase of the field; less by what else the name says; 0 when a word contradicts.

    >>> likeness("delivered_at", "order_delivered_customer_date")
    1.0
    >>> likeness("delivered_at", "order_delivered_carrier_date")
    0.0
    """
    found = words(column)
    if not found:
        return 0.0
    phrases = _phrases(name)
    if found in phrases:
        return _exact(name, found)
    if FOREIGN.get(name, frozenset()).intersection(found):
        return 0.0
    return max((_partly(phrase, found) for phrase in phrases), default=0.0)


def _exact(name: str, found: Sequence[str]) -> float:
    # One word such as "id", "date" or "price" may mean anything: it gives way to a fuller name.
    weak = {"id", "date", "data", "дата", "күні", "start", "end", "номер", "нөмірі", "timestamp"}
    weak |= {"price", "order", "customer", "client", "review", "expected", "target", "план", "факт"}
    if len(found) == 1 and found[0] in weak:
        return WEAK
    return 0.96 if SOFT.intersection(found) else 1.0


def _partly(phrase: tuple[str, ...], found: tuple[str, ...]) -> float:
    core = [word for word in phrase if word not in FILLER]
    if not core or not set(phrase) <= set(found):
        return 0.0
    extra = [word for word in found if word not in phrase]
    strange = sum(word not in FILLER for word in extra)
    soft = 0.04 * any(word in SOFT for word in phrase)
    return max(0.0, 0.95 - 0.03 * (len(extra) - strange) - 0.22 * strange - soft)


def _rivals(match: Match, guesses: Sequence[Match], taken: set[str]) -> list[str]:
    return [
        other.column
        for other in guesses
        if other.field == match.field
        and other.column not in taken
        and match.confidence - other.confidence < _CLOSE
    ]


def _ambiguous(match: Match, rivals: Sequence[str]) -> Notice:
    values: dict[str, Any] = {"field": match.field, "column": match.column, "rivals": list(rivals)}
    message = (
        f"{match.field} was read from {match.column!r}; {', '.join(map(repr, rivals))} would fit"
        f" as well (--map {match.field}=COLUMN to choose)"
    )
    return Notice("ambiguous_column", message, values)
