"""The ledger's contract: the tables of promises and outcomes, column by column.

The same columns whether they come from a file, a database or a lake. Names and meaning:
"The ledger's contract" in the documentation; `overdeliver.tables.check.check` holds a table to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import ibis
import ibis.expr.schema as sch

from overdeliver.vocabulary.errors import InputError
from overdeliver.vocabulary.gap import LEVERS

MOMENT = "timestamp('UTC', 6)"
MONEY = "decimal(18, 4)"

SOURCES = ("quote", "contract", "advertisement", "standard", "staff")
ARMS = ("treated", "held_out")


@dataclass(frozen=True)
class Column:
    """One column: its Ibis type, whether a row may lack it, and what is allowed in it."""

    type: str
    doc: str
    required: bool = False
    unit: str = ""
    one_of: tuple[str, ...] = ()
    least: float | None = None


@dataclass(frozen=True)
class TableSchema:
    """One table of the ledger."""

    name: str
    doc: str
    columns: Mapping[str, Column]
    key: str | None = None
    #: Pairs (earlier, later) of moments that must stand in this order.
    order: tuple[tuple[str, str], ...] = ()
    #: At least one of these columns must be given in every row.
    any_of: tuple[str, ...] = ()
    #: Column -> table and column that must hold its value, where that table is given.
    refers: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def ibis(self) -> sch.Schema:
        """The Ibis schema with nullability.

        >>> SCHEMAS["outcomes"].ibis["promise_id"].nullable
        False
        """
        kinds = {name: ibis.dtype(c.type) for name, c in self.columns.items()}
        return ibis.schema(
            {
                name: kind.copy(nullable=not self.columns[name].required)
                for name, kind in kinds.items()
            }
        )


def _text(doc: str, required: bool = False, one_of: tuple[str, ...] = ()) -> Column:
    return Column("string", doc, required, one_of=one_of)


def _moment(doc: str, required: bool = False) -> Column:
    return Column(MOMENT, doc, required)


def _number(doc: str, unit: str = "", required: bool = False, least: float | None = None) -> Column:
    return Column("float64", doc, required, unit, least=least)


def _money(doc: str, least: float | None = 0.0) -> Column:
    return Column(MONEY, doc, unit="the row's currency", least=least)


_ORDERS = TableSchema(
    "orders",
    "What was bought; any further column is a feature known when the promise was made.",
    {
        "order_id": _text("The order's number, unique", required=True),
        "customer_id": _text("Who bought"),
        "segment": _text("The customer's segment"),
        "channel": _text("Where the order came from"),
        "placed_at": _moment("When the order was placed", required=True),
        "completed_at": _moment("When everything ordered was there"),
        "cancelled_at": _moment("When it was cancelled"),
        "amount": _money("What it cost; amounts of different currencies are never added"),
        "currency": _text("ISO 4217 code of the amount"),
    },
    key="order_id",
    order=(("placed_at", "completed_at"), ("placed_at", "cancelled_at")),
)

_PROMISES = TableSchema(
    "promises",
    "What was promised; append-only: the original comes first, a revision points to it.",
    {
        "promise_id": _text("Unique", required=True),
        "order_id": _text("The order it was made for", required=True),
        "lever": _text("What kind of promise", required=True, one_of=LEVERS),
        "promised": _number(
            "How much: a duration from made_at, a cost, the rank of a class", "unit", True, 0.0
        ),
        "unit": _text("days, hours, minutes, a currency code, class", required=True),
        "made_at": _moment("When it was made", required=True),
        "due_at": _moment("The last moment at which it is still kept"),
        "level": _number("The share of such promises meant to be kept, 0 to 1", least=0.0),
        "source": _text("Where the customer heard it", one_of=SOURCES),
        "revises": _text("The promise this one revises; empty for the original"),
    },
    key="promise_id",
    order=(("made_at", "due_at"),),
    refers={"order_id": ("orders", "order_id"), "revises": ("promises", "promise_id")},
)

_OUTCOMES = TableSchema(
    "outcomes",
    "What came of a promise; append-only: a correction is a later row.",
    {
        "promise_id": _text("The promise", required=True),
        "actual": _number("What happened, in the promise's unit", "unit", True, 0.0),
        "unit": _text("The promise's unit", required=True),
        "observed_at": _moment("When it became known", required=True),
    },
    refers={"promise_id": ("promises", "promise_id")},
)

_ENCOUNTERS = TableSchema(
    "encounters",
    "The journey as it happened, one row per contact.",
    {
        "order_id": _text("The order it belongs to"),
        "customer_id": _text("The customer"),
        "touchpoint": _text("Where they met", required=True),
        "at": _moment("When", required=True),
        "team": _text("Who served"),
        "expected": _number("What the customer expected there"),
        "received": _number("What the customer received there"),
    },
    any_of=("order_id", "customer_id"),
)

_FEEDBACK = TableSchema(
    "feedback",
    "What customers said: surveys, reviews, complaints.",
    {
        "feedback_id": _text("Unique", required=True),
        "customer_id": _text("Who said it"),
        "order_id": _text("About which order"),
        "at": _moment("When", required=True),
        "kind": _text("survey, review, complaint ...", required=True),
        "score": _number("As given, between scale_min and scale_max"),
        "scale_min": _number("The worst score possible"),
        "scale_max": _number("The best score possible"),
        "text": _text("In the customer's words"),
        "language": _text("BCP 47 tag of the text"),
        "channel": _text("How it came"),
    },
    key="feedback_id",
    any_of=("customer_id", "order_id"),
)

_GRANTS = TableSchema(
    "grants",
    "What was given without being owed; held-out customers have a row too.",
    {
        "grant_id": _text("Unique", required=True),
        "customer_id": _text("To whom", required=True),
        "order_id": _text("On which order"),
        "at": _moment("When", required=True),
        "kind": _text("What", required=True),
        "arm": _text("Treated, or held out to measure the effect", True, ARMS),
        "cost": _money("What it cost the business"),
        "currency": _text("ISO 4217 code of the cost"),
    },
    key="grant_id",
)

_TOUCHES = TableSchema(
    "touches",
    "Messages sent: letters, calls, thanks; held-out customers have a row too.",
    {
        "touch_id": _text("Unique", required=True),
        "customer_id": _text("To whom", required=True),
        "order_id": _text("About which order"),
        "at": _moment("When", required=True),
        "kind": _text("reassurance, thanks ...", required=True),
        "channel": _text("How it was sent"),
        "arm": _text("Treated, or held out to measure the effect", True, ARMS),
        "cost": _money("What it cost the business"),
        "currency": _text("ISO 4217 code of the cost"),
    },
    key="touch_id",
)

_CASES = TableSchema(
    "cases",
    "Broken expectations being made right.",
    {
        "case_id": _text("Unique", required=True),
        "customer_id": _text("Whose", required=True),
        "order_id": _text("About which order"),
        "promise_id": _text("Which promise was broken"),
        "opened_at": _moment("When it was noticed", required=True),
        "closed_at": _moment("When it was made right"),
        "kind": _text("What went wrong", required=True),
        "arm": _text("Treated, or held out to measure the effect", one_of=ARMS),
        "cost": _money("What making it right cost"),
        "currency": _text("ISO 4217 code of the cost"),
    },
    key="case_id",
    order=(("opened_at", "closed_at"),),
    refers={"promise_id": ("promises", "promise_id")},
)

SCHEMAS: Mapping[str, TableSchema] = {
    schema.name: schema
    for schema in (
        _ORDERS,
        _PROMISES,
        _OUTCOMES,
        _ENCOUNTERS,
        _FEEDBACK,
        _GRANTS,
        _TOUCHES,
        _CASES,
    )
}


def schema_named(name: str) -> TableSchema:
    """The schema of a ledger table. InputError for a name that is none.

    >>> schema_named("promises").key
    'promise_id'
    """
    if name not in SCHEMAS:
        raise InputError(f"no ledger table is called {name!r}; there are {', '.join(SCHEMAS)}")
    return SCHEMAS[name]
