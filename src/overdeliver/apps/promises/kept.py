"""The figures of the reliability page: promises of a period, measured by the library."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import ibis
import ibis.expr.types as ir

from overdeliver.apps.business import reads as business
from overdeliver.apps.promises.cases import ledger
from overdeliver.apps.promises.lists import day_span
from overdeliver.measure.answers import NotEnough
from overdeliver.measure.distribution import GapBin, distribution
from overdeliver.measure.levers import SecondLever, second_lever_warning
from overdeliver.measure.ratchet import Ratchet, ratchet
from overdeliver.measure.reliability import (
    GroupReliability,
    LevelKept,
    Outcomes,
    calibration,
    outcomes,
    reliability,
    with_calendar,
)
from overdeliver.measure.trend import Trend, trend
from overdeliver.tables.fields import WALL, wall_in
from overdeliver.vocabulary.errors import InputError

GROUPS = ("service", "weekday", "month", "segment", "team", "channel", "supplier")
NARROWED = ("service", "segment", "team", "channel", "supplier")


@dataclass(frozen=True)
class Asked:
    """Which promises are measured: made between two days, of these groups, laid out ``by`` one.

    InputError: ``by`` is no group.
    """

    start: date | None = None
    end: date | None = None
    by: str = "service"
    lever: str = ""
    unit: str = ""
    only: Mapping[str, str] = field(default_factory=dict)  # of NARROWED: the one value meant

    def __post_init__(self) -> None:
        if self.by not in GROUPS:
            raise InputError(f"{self.by!r}: group by one of {', '.join(GROUPS)}")


@dataclass(frozen=True)
class Kind:
    """A lever with its unit: what can be laid into one picture."""

    lever: str
    unit: str
    n: int


@dataclass(frozen=True)
class Kept:
    """Everything the page shows of one period."""

    all: Outcomes
    kinds: Sequence[Kind]
    kind: Kind | None
    of_kind: Outcomes | None
    bins: Sequence[GapBin]
    levels: Sequence[LevelKept]  # of promises that said a level
    groups: Sequence[GroupReliability]  # of promises that said none
    ratchet: Ratchet | None
    trend: Trend | None  # of the kind
    second: Sequence[SecondLever]  # levers over-delivered beside the one chosen
    n: int
    as_of: datetime


def kept(asked: Asked) -> Kept:
    """Measure the original promises made in a period, by the business's days."""
    found = ledger()
    # Laid down once: every measure below is a question of its own about the same rows.
    asked_for = with_calendar(_in_zone(_asked_for(found.table, asked)))
    cases = asked_for.get_backend().create_table("asked_for", asked_for, temp=True)
    kinds = _kinds(cases)
    kind = _chosen(kinds, asked)
    one = cases
    if kind is not None:
        one = cases.filter((cases["lever"] == kind.lever) & (cases["unit"] == kind.unit))
    # Services are of one kind each; other groups are laid out for the kind in the picture.
    grouped, columns = (cases if asked.by == "service" else one), [asked.by, "lever", "unit"]
    main = business.lever_of(asked.only.get("segment", ""))
    warned = ratchet(one, unit=kind.unit) if kind else None
    return Kept(
        all=outcomes(cases),
        kinds=kinds,
        kind=kind,
        of_kind=outcomes(one) if kind else None,
        bins=distribution(one) if kind else (),
        levels=calibration(grouped, "level", by=columns),
        groups=reliability(grouped.filter(grouped["level"].isnull()), columns),
        ratchet=None if warned is None or isinstance(warned, NotEnough) else warned,
        trend=trend(one, hurried=kind.lever == "time") if kind else None,
        second=second_lever_warning(cases, main) if main else (),
        n=sum(one.n for one in kinds),
        as_of=found.as_of,
    )


def _asked_for(table: ir.Table, asked: Asked) -> ir.Table:
    first, last = day_span(asked.start, asked.end)
    if first:
        table = table.filter(table["made_at"] >= _instant(first))
    if last:
        table = table.filter(table["made_at"] < _instant(last))
    for column, value in asked.only.items():
        if column not in NARROWED:
            raise InputError(f"{column!r}: narrow by one of {', '.join(NARROWED)}")
        table = table.filter(table[column] == value)
    return table


def _in_zone(table: ir.Table) -> ir.Table:
    """``made_at`` as the wall clock of the business, so that days and months are its own."""
    zone, made_at = ibis.literal(business.zone()), table["made_at"].cast("timestamp('UTC', 6)")
    return table.mutate(made_at=wall_in(zone, made_at).cast(WALL))


def _kinds(cases: ir.Table) -> list[Kind]:
    counted = cases.group_by("lever", "unit").agg(n=cases.count()).to_pyarrow().to_pylist()
    found = [Kind(row["lever"], row["unit"], row["n"]) for row in counted]
    return sorted(found, key=lambda kind: (-kind.n, kind.lever, kind.unit))


def _chosen(kinds: Sequence[Kind], asked: Asked) -> Kind | None:
    """The kind asked for, else the one with most promises."""
    wanted = [
        kind for kind in kinds if asked.lever in ("", kind.lever) and asked.unit in ("", kind.unit)
    ]
    return next(iter(wanted or kinds), None)


def _instant(at: datetime) -> ir.Value:
    return ibis.literal(at).cast("timestamp('UTC', 6)")
