"""The facts of the day, gathered from the chapters below."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.care import reads as care
from overdeliver.apps.desk.guessed import guessed
from overdeliver.apps.desk.imports import imports
from overdeliver.apps.desk.lines_down import mail_down, quiet
from overdeliver.apps.desk.models import Mark
from overdeliver.apps.desk.moved_days import moved_days
from overdeliver.apps.desk.rights_asked import rights_asked
from overdeliver.apps.desk.rules import (
    Fact,
    Marked,
    TodayPolicy,
    at_risk,
    last_moment,
    lines,
    looks_until,
)
from overdeliver.apps.look import numbers
from overdeliver.apps.look.words import word
from overdeliver.apps.outreach import reads as outreach
from overdeliver.apps.outreach.saying import reason
from overdeliver.apps.people import reads as people
from overdeliver.apps.promises import reads as promises
from overdeliver.apps.promises.rules import NO_PURCHASE
from overdeliver.apps.quoting import reads as quoting
from overdeliver.apps.recovery import reads as recovery
from overdeliver.measure.intervals import Rate, rate
from overdeliver.vocabulary.errors import NotFound

NEEDED = 20
MOST = 500  # promises looked at, of each kind
WEEK = 7  # days of the card of what was kept, today among them


@dataclass(frozen=True)
class Day:
    """The two cards below the list."""

    due: int
    at_risk: int
    kept: Rate | None
    settled: int
    since: date  # the first day of what was kept

    @property
    def on_track(self) -> int:
        """Due today and not close to breaking."""
        return max(self.due - self.at_risk, 0)


def today(now: datetime, rights: Collection[str]) -> list[Fact]:
    """What needs a person with these rights now, the most urgent first."""
    facts = list(_facts(now, business.policy(TodayPolicy), rights))
    keys = [fact.key for fact in facts]
    marks = {row.key: Marked(row.state, row.until) for row in Mark.objects.filter(key__in=keys)}
    return lines(facts, marks, now)


def fact(key: str, now: datetime, rights: Collection[str]) -> Fact:
    """One line, set aside or not. NotFound: it needs nobody any more."""
    found = _facts(now, business.policy(TodayPolicy), rights)
    line = next((one for one in found if one.key == key), None)
    if line is None:
        raise NotFound(f"today {key!r}: there is no such line any more")
    return line


def day(now: datetime) -> Day:
    """Promises due today and what was kept in the last seven days, by the business's clocks."""
    policy = business.policy(TodayPolicy)
    start, end = _midnights(now)
    since = start.date() - timedelta(days=WEEK - 1)
    kept, settled = promises.kept_since(datetime.combine(since, time(), start.tzinfo))
    close = [row for row in _close(now, policy) if row.due_at and row.due_at < end]
    due = promises.open_due(start, end)
    share = rate(kept, settled) if settled >= NEEDED else None
    return Day(due, min(len(close), due), share, settled, since)


def _facts(now: datetime, policy: TodayPolicy, rights: Collection[str]) -> Iterator[Fact]:
    yield from _broken(now, policy)
    yield from _at_risk(now, policy)
    yield from _waiting()
    yield from moved_days()
    if "cases.see" in rights:
        yield from _complaints(now)
    if "care.see" in rights:
        yield from _care(now)
    if "imports.see" in rights:
        yield from imports(now, policy, MOST)
    yield from rights_asked(now, rights)
    if "quoting.see" in rights:
        yield from _alarms()
    if "settings.see" in rights:
        yield from mail_down(now)
        yield from quiet(now)
        yield from _stale()
        yield from guessed()


def _midnights(now: datetime) -> tuple[datetime, datetime]:
    here = timezone.localtime(now)
    start = datetime.combine(here.date(), time(), here.tzinfo)
    return start, datetime.combine(here.date() + timedelta(days=1), time(), here.tzinfo)


def _broken(now: datetime, policy: TodayPolicy) -> Iterator[Fact]:
    since = now - timedelta(days=policy.broken_days)
    for row in promises.broken_since(since, limit=MOST):
        if row.channel == NO_PURCHASE:
            continue  # the complaint itself stands here
        late = numbers.length(abs(row.gap), row.unit) if row.gap is not None else None
        text = word(
            "desk.line.broken" if late else "desk.line.overdue",
            promised=_promised(row),
            late=late or "",
            order=row.order,
        )
        yield Fact(
            "win_back",
            f"broken:{row.reference}",
            row.customer or row.order,
            reverse("promise", args=[row.reference]),
            "desk.step.tell" if late else "desk.step.record",
            reverse("order", args=[row.order])
            if late
            else reverse("promise", args=[row.reference]),
            f"promise:{row.reference}",
            (str(text),),
            happened=row.settled_at or row.due_at,
            amount=abs(row.gap or 0.0),
        )


def _at_risk(now: datetime, policy: TodayPolicy) -> Iterator[Fact]:
    for row in _close(now, policy):
        page = reverse("promise", args=[row.reference])
        if row.channel == NO_PURCHASE:  # the first answer to a complaint
            page = reverse("case", args=[int(row.order.rpartition("-")[2])])
        yield Fact(
            "rescue",
            f"risk:{row.reference}",
            row.customer or row.order,
            page,
            "desk.step.revise",
            page,
            f"promise:{row.reference}",
            (str(word("desk.line.risk", promised=_promised(row), order=row.order)),),
            due=row.due_at,
        )


def _close(now: datetime, policy: TodayPolicy) -> list[promises.Row]:
    """Open promises that are close to breaking, the next first."""
    _, midnight = _midnights(now)
    rows = promises.due_between(now, looks_until(now, midnight, policy), limit=MOST)
    closing: dict[date, datetime | None] = {}
    found = []
    for row in rows:
        assert row.due_at is not None
        there = timezone.localtime(row.due_at).date()
        if there not in closing:
            closing[there] = _closes(there)
        last = last_moment(row.due_at, closing[there], whole=row.whole)
        if at_risk(row.made_at, row.due_at, last, now, policy):
            found.append(row)
    return found


def _closes(there: date) -> datetime | None:
    hours = business.hours(there)
    shifts = hours.shifts_on(there) if hours else ()
    if hours is None or not shifts:
        return None
    start, end = shifts[-1]
    after = there + timedelta(days=1) if end <= start else there
    return datetime.combine(after, end, ZoneInfo(hours.zone))


def _promised(row: promises.Row) -> str:
    return row.words or str(numbers.length(row.promised, row.unit))


def _waiting() -> Iterator[Fact]:
    """Messages that were not sent and wait for a person's word."""
    found = [*outreach.held(MOST), *outreach.failed(MOST)]
    rows = [one for one in found if one.reason not in _TOGETHER]
    names = people.customers_of([one.customer for one in rows if one.customer])
    for one in rows:
        page = reverse("message", args=[one.id])
        customer = names.get(one.customer or 0)
        said = reason(one.reason) or word("desk.line.message_stuck")
        yield Fact(
            "send",
            f"message:{one.id}",
            customer.shown if customer else str(word(f"outreach.channel.{one.channel}")),
            page,
            "desk.step.send",
            page,
            f"message:{one.id}",
            (str(word(f"desk.line.message_{one.status}", reason=said)),),
            happened=one.created_at,
        )
    if n := outreach.held_because("no_mail_server"):
        page = f"{reverse('messages')}?status=held"
        told = str(word("desk.line.no_mail_server", count=n, n=numbers.number(n)))
        name = str(word("outreach.channel.mail"))
        key = "message:no_mail_server"
        yield Fact("send", key, name, page, "desk.step.send", page, key, (told,))


def _care(now: datetime) -> Iterator[Fact]:
    """Calls and thank-yous that are due, steps of care that were held."""
    for one in care.needs_person(now, MOST):
        held = one.kind == "held"
        page = (
            f"{reverse('care_steps')}?state=held" if held else reverse("care_task", args=[one.id])
        )
        said = word(f"care.reason.{one.reason}") if held else ""
        subject = f"care_step:{one.id}" if held else f"task:{one.id}"
        told = str(word(f"desk.line.care_{one.kind}", order=one.order, reason=said))
        step = f"desk.step.{one.kind}"
        yield Fact(
            "care", f"care:{subject}", one.name, page, step, page, subject, (told,), due=one.due_at
        )


#: Reasons that hold many messages at once: one line for all of them, or none in made-up data.
_TOGETHER = ("no_mail_server", "demo")


def _complaints(now: datetime) -> Iterator[Fact]:
    """Complaints whose next step is late, and those that are the second of their kind."""
    for one in recovery.needs_person(now, MOST):
        page = reverse("case", args=[one.id])
        late = one.due_at is not None and one.due_at <= now
        status = word(f"recovery.status.{one.status}")
        text = (
            word("recovery.today.late", status=status, moment=numbers.moment(one.due_at))
            if late
            else word("recovery.today.second", number=one.alike)
        )
        yield Fact(
            "win_back",
            f"case:{one.id}:{one.steps}:{'late' if late else 'second'}",
            one.shown,
            page,
            "recovery.today.step",
            page,
            f"case:{one.id}",
            (str(text),),
            due=one.due_at,
            happened=one.received_at,
        )


def _alarms() -> Iterator[Fact]:
    names = {one.slug: one.name for one in business.services(active=False)}
    for alarm in quoting.alarms():
        page = reverse("quoting_service", args=[alarm.service])
        covered, level = numbers.share(alarm.covered), numbers.share(alarm.level)
        yield Fact(
            "decide",
            f"drift:{alarm.service}:{alarm.raised_at:%Y-%m-%d}",
            names.get(alarm.service, alarm.service),
            page,
            "desk.step.decide",
            page,
            alarm.subject,
            (str(word("desk.line.drift", covered=covered, level=level)),),
            happened=alarm.raised_at,
        )


def _stale() -> Iterator[Fact]:
    for point in business.stale_information():
        page = reverse("settings_touchpoint", args=[point.slug])
        yield Fact(
            "look",
            f"stale:{point.slug}:{point.until:%Y-%m-%d}",
            point.name,
            page,
            "desk.step.renew",
            page,
            f"touchpoint:{point.slug}",
            (str(word("desk.line.stale", day=numbers.day(point.until))),),
        )
