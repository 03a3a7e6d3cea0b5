"""Who came again: repeat purchase by verdict. Direction first: repeats are rare in most data."""

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from overdeliver.measure.answers import NotEnough, fetch, require
from overdeliver.measure.intervals import Rate, rate
from overdeliver.vocabulary.gap import SETTLED


@dataclass(frozen=True)
class RepeatRate:
    """Of ``n`` promises with this verdict, after how many the customer ordered again."""

    verdict: str
    n: int
    repeated: int
    repeat: Rate | None


def with_repeat(cases: ir.Table, *, within_days: float | None = None) -> ir.Table:
    """Add ``repeat``: did the customer order again later? NULL where it cannot be known.

    With ``within_days`` it asks for the next order within so many days, and promises made too
    near the end of the data to know are NULL; without, any later order counts.

    >>> from datetime import datetime
    >>> cases = ibis.memtable({"customer_id": ["a", "a", "b"],
    ...     "made_at": [datetime(2018, 1, day) for day in (1, 9, 2)]})
    >>> rows = with_repeat(cases).order_by("customer_id", "made_at").to_pyarrow().to_pylist()
    >>> [row["repeat"] for row in rows]
    [True, False, False]
    """
    require(cases, ["customer_id", "made_at"])
    return _ever(cases) if within_days is None else _next_within(cases, within_days)


def _ever(cases: ir.Table) -> ir.Table:
    """Whether the customer's last promise came later; NULL for customers and moments unknown."""
    named = cases.filter(cases.customer_id.notnull())
    lasts = named.group_by("customer_id").aggregate(last_made_at=named.made_at.max())
    joined = cases.left_join(lasts, cases.customer_id == lasts.customer_id, rname="{name}_last")
    found = joined.mutate(repeat=joined.made_at < joined.last_made_at)
    return found.select(*cases.columns, "repeat")


def _next_within(cases: ir.Table, within_days: float) -> ir.Table:
    """The next distinct moment at which the customer promised, joined back to the cases."""
    moments = cases.filter(cases.customer_id.notnull()).select("customer_id", "made_at").distinct()
    order = ibis.window(group_by=moments.customer_id, order_by=moments.made_at)
    following = moments.mutate(next_at=moments.made_at.lead().over(order))
    ends = cases.aggregate(data_end=cases.made_at.max())
    joined = cases.left_join(
        following,
        [cases.customer_id == following.customer_id, cases.made_at == following.made_at],
        rname="{name}_next",
    ).cross_join(ends)
    horizon = within_days * 86_400_000_000
    wait = joined.next_at.delta(joined.made_at, unit="microsecond")
    left = joined.data_end.delta(joined.made_at, unit="microsecond")
    again = (wait <= horizon).fill_null(False)
    knowable = joined.customer_id.notnull() & (left >= horizon)
    kept = joined.mutate(repeat=ibis.ifelse(knowable, again, ibis.null("boolean")))
    return kept.select(*cases.columns, "repeat")


def repeat_by_verdict(
    cases: ir.Table, *, within_days: float | None = None, minimum: int = 30
) -> list[RepeatRate] | NotEnough:
    """The repeat rate after broken, met and exceeded promises; rate None below the minimum.

    >>> from datetime import datetime
    >>> cases = ibis.memtable({"customer_id": ["a", "a"], "verdict": ["met", "met"],
    ...     "made_at": [datetime(2018, 1, 1), datetime(2018, 1, 9)]})
    >>> [(r.verdict, r.repeated, r.n) for r in repeat_by_verdict(cases, minimum=1)]
    [('met', 1, 2)]
    """
    if "customer_id" not in cases.columns:
        return NotEnough("repeat purchase needs to know the customer; no customer is named")
    require(cases, ["verdict"])
    table = with_repeat(cases, within_days=within_days)
    table = table.filter(table["repeat"].notnull())
    query = table.group_by("verdict").aggregate(
        n=table.count(), repeated=table.count(where=table["repeat"])
    )
    found = {row["verdict"]: row for row in fetch(query)}
    rates = [
        RepeatRate(v, found[v]["n"], found[v]["repeated"], _rate(found[v], minimum))
        for v in SETTLED
        if v in found
    ]
    if not any(one.repeat for one in rates):
        most = max((one.n for one in rates), default=0)
        return NotEnough(
            f"at most {most} promises of one verdict, {minimum} are needed", most, minimum
        )
    return rates


def _rate(row: dict[str, int], minimum: int) -> Rate | None:
    return rate(row["repeated"], row["n"]) if row["n"] >= minimum else None
