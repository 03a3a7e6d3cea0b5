"""The facts of the day, gathered from the chapters below."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.urls import reverse
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.desk.models import Mark
from overdeliver.apps.desk.rules import Fact, Marked, TodayPolicy, lines, risk_until
from overdeliver.apps.look import numbers
from overdeliver.apps.look.words import word
from overdeliver.apps.promises import reads as promises
from overdeliver.apps.quoting import reads as quoting
from overdeliver.measure.intervals import Rate, rate

NEEDED = 20


@dataclass(frozen=True)
class Day:
    """The two cards below the list."""

    due: int
    at_risk: int
    kept: Rate | None
    settled: int


def today(now: datetime) -> list[Fact]:
    """What needs a person now, the most urgent first."""
    policy = business.policy(TodayPolicy)
    facts = [*_broken(now, policy), *_at_risk(now, policy), *_alarms(), *_stale()]
    keys = [fact.key for fact in facts]
    marks = {row.key: Marked(row.state, row.until) for row in Mark.objects.filter(key__in=keys)}
    return lines(facts, marks, now, policy)


def day(now: datetime) -> Day:
    """Promises due today and what was kept in the last seven days."""
    policy = business.policy(TodayPolicy)
    here = timezone.localtime(now)
    start = datetime.combine(here.date(), time(), here.tzinfo)
    end = start + timedelta(days=1)
    due = promises.open_due(start, end)
    at_risk = promises.open_due(now, min(risk_until(now, policy), end))
    kept, settled = promises.kept_since(now - timedelta(days=7))
    return Day(due, at_risk, rate(kept, settled) if settled >= NEEDED else None, settled)


def _broken(now: datetime, policy: TodayPolicy) -> Iterator[Fact]:
    since = now - timedelta(days=policy.broken_days)
    for row in promises.broken_since(since, limit=policy.most):
        late = numbers.length(abs(row.gap), row.unit) if row.gap is not None else None
        key = "desk.line.broken" if late else "desk.line.overdue"
        promised = row.words or str(numbers.length(row.promised, row.unit))
        text = word(key, promised=promised, late=late or "", order=row.order)
        yield Fact(
            "win_back",
            f"broken:{row.reference}",
            row.customer or row.order,
            reverse("promise", args=[row.reference]),
            f"promise:{row.reference}",
            happened=row.settled_at or row.due_at,
            amount=abs(row.gap or 0.0),
            because=(str(text),),
        )


def _at_risk(now: datetime, policy: TodayPolicy) -> Iterator[Fact]:
    for row in promises.due_between(now, risk_until(now, policy), limit=policy.most):
        promised = row.words or str(numbers.length(row.promised, row.unit))
        yield Fact(
            "rescue",
            f"risk:{row.reference}",
            row.customer or row.order,
            reverse("promise", args=[row.reference]),
            f"promise:{row.reference}",
            due=row.due_at,
            because=(str(word("desk.line.risk", promised=promised, order=row.order)),),
        )


def _alarms() -> Iterator[Fact]:
    names = {one.slug: one.name for one in business.services(active=False)}
    for alarm in quoting.alarms():
        text = word(
            "desk.line.drift",
            covered=numbers.share(alarm.covered),
            level=numbers.share(alarm.level),
        )
        yield Fact(
            "decide",
            f"drift:{alarm.service}:{alarm.raised_at:%Y-%m-%d}",
            names.get(alarm.service, alarm.service),
            reverse("quoting"),
            f"service:{alarm.service}",
            happened=alarm.raised_at,
            because=(str(text),),
        )


def _stale() -> Iterator[Fact]:
    for point in business.stale_information():
        yield Fact(
            "look",
            f"stale:{point.slug}:{point.until:%Y-%m-%d}",
            point.name,
            reverse("settings"),
            f"touchpoint:{point.slug}",
            because=(str(word("desk.line.stale", day=numbers.day(point.until))),),
        )
