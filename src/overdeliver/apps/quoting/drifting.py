"""How recent promises are kept, watched as outcomes come in; an alarm where too few are."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
from django.db import IntegrityError, transaction
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.business.reads import ServiceCard
from overdeliver.apps.journal.actions import decide, record
from overdeliver.apps.promises import reads as promises
from overdeliver.apps.quoting import events
from overdeliver.apps.quoting.models import DriftAlarm, Watch
from overdeliver.apps.quoting.rules.policy import PromisingPolicy
from overdeliver.apps.quoting.rules.publish import should_alarm
from overdeliver.learn.monitor import FEW, Drift, drift
from overdeliver.vocabulary.moments import SECONDS, days_between

EVERY = timedelta(minutes=10)
_MOST = 4000
_RULE = "overdeliver.apps.quoting.rules.publish.should_alarm"


def due(limit: int = 5) -> list[ServiceCard]:
    """Services nobody has looked at for ten minutes; each is claimed for whoever asks."""
    now = timezone.now()
    found = []
    for service in business.services():
        if service.lever == "service":
            continue
        _, new = Watch.objects.get_or_create(service=service.slug, defaults={"looked_at": now})
        late = Watch.objects.filter(service=service.slug, looked_at__lt=now - EVERY)
        if new or late.update(looked_at=now):
            found.append(service)
        if len(found) == limit:
            break
    return found


def look_at(service: ServiceCard) -> Drift | None:
    """Judge the recent promises of a service; raise or clear its alarm. None: too few."""
    policy = business.policy(PromisingPolicy)
    since = timezone.localdate() - timedelta(days=policy.watch_days)
    asked = promises.Filter(service=service.slug, lever=service.lever, made_from=since)
    level, rows = _of_one_level(promises.promises(asked, limit=_MOST).rows, service.unit)
    seen: dict[str, Any]
    if len(rows) < FEW:
        seen, found = {"have": len(rows), "need": FEW}, None
    else:
        found = _drift(level, rows, service, policy)
        seen = {
            "level": level,
            "covered": found.covered,
            "low": found.low,
            "high": found.high,
            "n": found.n,
            "open": found.open,
        }
        _judge(service.slug, level, found, policy)
    Watch.objects.filter(service=service.slug).update(seen=seen)
    return found


def _of_one_level(rows: Sequence[promises.Row], unit: str) -> tuple[float, list[promises.Row]]:
    """The promises made at the level that most were made at, and that level."""
    told = [
        (round(row.level, 3), row)
        for row in rows
        if row.level is not None and row.unit == unit and row.verdict != "unknown"
    ]
    usual = Counter(level for level, _ in told).most_common(1)
    level = usual[0][0] if usual else 0.0
    return level, [row for one, row in told if one == level]


def _drift(
    level: float, rows: Sequence[promises.Row], service: ServiceCard, policy: PromisingPolicy
) -> Drift:
    """In the promise's unit; a sum or an amount of work is judged once it is billed."""
    now = timezone.now()
    seconds = SECONDS.get(service.unit, 86_400) if service.lever == "time" else 86_400
    elapsed = np.array([max((now - row.made_at).total_seconds(), 0) / seconds for row in rows])
    promised = np.array([row.promised for row in rows])
    actual = np.array([np.nan if row.actual is None else row.actual for row in rows])
    if service.lever != "time":
        settled = ~np.isnan(actual)
        promised, actual = promised[settled], actual[settled]
        # Outcomes of a sum do not run in time: every billed promise is due.
        elapsed = promised + elapsed[settled]
    elif service.whole and seconds >= 86_400:  # a date is kept until its end
        zone, days = business.zone(), seconds // 86_400
        elapsed = np.array([max(days_between(row.made_at, now, zone), 0) / days for row in rows])
    half_life = policy.watch_days / 3 * 86_400 / seconds
    return drift(
        level,
        promised,
        actual,
        elapsed,
        half_life=half_life,
        false_alarms=policy.false_alarms,
    )


def _judge(service: str, level: float, found: Drift, policy: PromisingPolicy) -> None:
    decision = should_alarm(
        level=level,
        covered=found.covered,
        low=found.low,
        high=found.high,
        fallen=found.alarm,
        policy=policy,
    )
    standing = DriftAlarm.objects.filter(service=service, cleared_at__isnull=True)
    subject = f"drift:{service}"
    try:
        with transaction.atomic():
            if decision.verdict == "alarm" and not standing.exists():
                number = decide(decision, rule=_RULE, subject=subject, inputs={"n": found.n})
                DriftAlarm.objects.create(
                    service=service,
                    raised_at=timezone.now(),
                    covered=found.covered,
                    low=found.low,
                    high=found.high,
                    level=level,
                    n=found.n,
                    because="; ".join(decision.because)[:500],
                    decision=number,
                )
                raised = events.DriftRaised(
                    subject=subject, level=level, covered=found.covered, since=None
                )
                record(raised, decision=number)
            elif decision.verdict == "quiet" and standing.update(cleared_at=timezone.now()):
                record(events.DriftCleared(subject=subject, covered=found.covered))
    except IntegrityError:
        pass  # another worker raised it at the same moment
