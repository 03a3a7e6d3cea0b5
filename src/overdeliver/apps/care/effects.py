"""What a plan brings: those cared for beside those held out by chance."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.care.models import Due, Plan, Run, Task
from overdeliver.apps.care.rules.policy import CarePolicy
from overdeliver.apps.listening import reads as listening
from overdeliver.apps.look import numbers
from overdeliver.apps.outreach.sent import states_of
from overdeliver.apps.promises import fates
from overdeliver.measure.intervals import Interval, Rate, newcombe, rate

MEASURES = ("cancelled", "complained", "repeated")
_MOST = 5_000  # the latest runs of a plan
#: When something happened to the order or the customer of a run, as far as it did.
Moments = Callable[[Run], Sequence[datetime | None]]


@dataclass(frozen=True)
class Side:
    """One arm: so many of so many; ``rate`` None: too few to tell."""

    happened: int
    n: int
    rate: Rate | None


@dataclass(frozen=True)
class Effect:
    """One measure in both arms; ``difference``: treated minus held out; ``says``: a word's part."""

    name: str
    treated: Side
    held_out: Side
    difference: float | None
    interval: Interval | None
    says: str  # helped, harmed, no_difference, too_few
    days: int

    @property
    def points(self) -> str:
        """The difference in points of a hundred, in the language of the request."""
        return _points(self.difference)

    @property
    def span(self) -> str:
        """Its interval, the same way."""
        return (
            f"{_points(self.interval.low)} … {_points(self.interval.high)}" if self.interval else ""
        )


@dataclass(frozen=True)
class Outlay:
    """What a channel of a plan has done and cost."""

    channel: str
    done: int
    cost: Decimal | None


@dataclass(frozen=True)
class Report:
    """The effect of a plan and what it cost; ``paid``: did_not, did, unknown or free."""

    effects: Sequence[Effect]
    outlays: Sequence[Outlay]
    cost: Decimal
    currency: str
    needed: int
    paid: str


def report(slug: str) -> Report:
    """What a plan brought by now, by all its versions."""
    policy, here = business.policy(CarePolicy), business.business()
    plan = Plan.objects.get(slug=slug)
    rows = list(Run.objects.filter(plan=plan).order_by("-moment_at")[:_MOST])
    orders = fates.fates({row.order for row in rows})
    complaints = listening.complaints_about({row.order for row in rows})
    again = fates.moments_of({row.customer_id for row in rows if row.customer_id})
    happened: Mapping[str, Moments] = {
        "cancelled": lambda row: [getattr(orders.get(row.order), "cancelled_at", None)],
        "complained": lambda row: [complaints.get(row.order), row.complained_at],
        "repeated": lambda row: again.get(row.customer_id or 0, []),
    }
    effects = [_effect(name, rows, happened[name], policy) for name in MEASURES]
    outlays = _outlays(plan)
    cost = sum((one.cost or Decimal(0) for one in outlays), Decimal(0))
    return Report(
        effects,
        outlays,
        cost,
        here.currency if here else "",
        policy.needed,
        _paid(effects, cost),
    )


def _effect(name: str, rows: Sequence[Run], moments: Moments, policy: CarePolicy) -> Effect:
    days = policy.repeat_days if name == "repeated" else policy.watch_days
    span, now = timedelta(days=days), timezone.now()
    counted: dict[str, list[bool]] = {"treated": [], "held_out": []}
    for row in rows:
        if row.moment_at + span <= now:
            counted[row.arm].append(_within(moments(row), row.moment_at, span))
    treated, held = (_side(counted[arm], policy.needed) for arm in ("treated", "held_out"))
    if treated.rate is None or held.rate is None:
        return Effect(name, treated, held, None, None, "too_few", days)
    between = newcombe(treated.happened, treated.n, held.happened, held.n)
    better = between.low > 0 if name == "repeated" else between.high < 0
    worse = between.high < 0 if name == "repeated" else between.low > 0
    says = "helped" if better else "harmed" if worse else "no_difference"
    return Effect(name, treated, held, treated.rate.rate - held.rate.rate, between, says, days)


def _points(value: float | None) -> str:
    if value is None:
        return "–"
    shown = numbers.number(abs(value) * 100, 1)
    return f"{'−' if value < 0 else '+'}{shown}"


def _within(found: Sequence[datetime | None], start: datetime, span: timedelta) -> bool:
    return any(one is not None and start < one <= start + span for one in found)


def _side(found: Sequence[bool], needed: int) -> Side:
    return Side(
        sum(found), len(found), rate(sum(found), len(found)) if len(found) >= needed else None
    )


def _outlays(plan: Plan) -> list[Outlay]:
    done = list(Due.objects.filter(run__plan=plan, state="done").values_list("channel", "message"))
    sent = states_of({number for _, number in done if number})
    calls = Task.objects.filter(due__run__plan=plan, cost__isnull=False).values_list("kind", "cost")
    found: dict[str, tuple[int, Decimal | None]] = {}
    for channel, number in done:
        n, cost = found.get(channel, (0, None))
        spent = sent[number].cost if number in sent else None
        found[channel] = (n + 1, cost if spent is None else (cost or Decimal(0)) + spent)
    for kind, spent in calls:
        n, cost = found.get(kind, (0, None))
        found[kind] = (n, (cost or Decimal(0)) + (spent or Decimal(0)))
    return [Outlay(channel, n, cost) for channel, (n, cost) in sorted(found.items())]


def _paid(effects: Sequence[Effect], cost: Decimal) -> str:
    said = {one.says for one in effects}
    if said == {"too_few"}:
        return "unknown"
    if "helped" in said and "harmed" not in said:
        return "did"
    return "did_not" if cost else "free"
