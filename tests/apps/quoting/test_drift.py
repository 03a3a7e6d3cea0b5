"""Recent promises are watched: an alarm where too few are kept, cleared when they are again."""

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone

from overdeliver.apps.journal import reads as journal
from overdeliver.apps.promises import actions as promises
from overdeliver.apps.quoting import jobs, reads
from overdeliver.apps.quoting.models import Watch

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
Door = Callable[[str], Client]


def given(kept: float, n: int = 150, *, seed: int = 1, start: int = 0) -> None:
    """So many promises of an hour at 90 %, of which this share was kept."""
    random = np.random.default_rng(seed)
    now = timezone.now()
    for number in range(n):
        made = now - timedelta(days=30) + timedelta(hours=4 * number)
        reference = f"o-{start + number}"
        promises.place_order(reference, placed_at=made, service="courier")
        promise = promises.make_promise(
            reference, lever="time", unit="minutes", promised=60, made_at=made, level=0.9,
            source="quote",
        )  # fmt: skip
        minutes = 40 if random.random() < kept else 95
        promises.record_outcome(promise, happened_at=made + timedelta(minutes=minutes))


def look() -> int:
    Watch.objects.update(looked_at=timezone.now() - timedelta(hours=1))
    return jobs.watch_due()


def test_promises_kept_as_said_raise_no_alarm(shop: object) -> None:
    given(0.92)
    assert look() >= 1
    assert reads.alarms() == []
    assert reads.watched()["courier"]["n"] == 150


def test_a_fall_raises_one_alarm_with_its_why_on_the_page(shop: object, signed_in: Door) -> None:
    given(0.6)
    look()
    look()
    (alarm,) = reads.alarms()
    assert alarm.service == "courier" and alarm.high < 0.9 and alarm.level == 0.9
    names = [entry.name for entry in journal.life("drift:courier")]
    assert names == ["quoting.drift_raised"]
    assert journal.decisions("drift:courier")[0].verdict == "alarm"
    page = signed_in("manager").get("/quoting/").content.decode()
    assert "fewer kept than promised" in page


def test_the_alarm_is_cleared_when_promises_are_kept_again(
    shop: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(0.6)
    look()
    assert len(reads.alarms()) == 1
    from overdeliver.apps.quoting import drifting

    monkeypatch.setattr(drifting, "_MOST", 150)  # the newest are kept
    given(0.97, seed=2, start=1000)
    from overdeliver.apps.promises.models import Standing

    Standing.objects.filter(promise__order__reference__lt="o-1").update()
    monkeypatch.setattr(drifting.promises, "promises", _newest(drifting.promises.promises))
    look()
    assert reads.alarms() == [] and len(reads.alarms(cleared=True)) == 1
    assert journal.life("drift:courier")[-1].name == "quoting.drift_cleared"


def _newest(original: Callable[..., reads.Any]) -> Callable[..., reads.Any]:
    """The promises of the second month only."""
    from dataclasses import replace

    def some(*args: object, **kwargs: object) -> reads.Any:
        page = original(*args, **{**kwargs, "limit": 4000})
        return replace(page, rows=[row for row in page.rows if int(row.order[2:]) >= 1000])

    return some


def test_few_promises_say_so(shop: object) -> None:
    given(0.5, n=7)
    look()
    assert reads.alarms() == [] and reads.watched()["courier"]["have"] == 7


def test_a_service_is_looked_at_once_in_ten_minutes(shop: object) -> None:
    given(0.9, n=30)
    assert look() == 1
    assert jobs.watch_due() == 0
