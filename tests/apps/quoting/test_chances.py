"""The chance that an open promise is kept: the published model's own, and true on later orders."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from overdeliver.apps.business.models import Service
from overdeliver.apps.promises.reads import OpenCase
from overdeliver.apps.quoting import serving
from overdeliver.apps.quoting.chances import chances
from overdeliver.apps.quoting.models import LearnedModel
from overdeliver.apps.quoting.rules.policy import PromisingPolicy
from tests.apps.quoting.conftest import Later, Simulated

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]  # the arithmetic is the same


def case_of(shop: Simulated, number: int, one: Later, promised: float) -> OpenCase:
    """An order still to come, as a promise of so many days."""
    return OpenCase(
        f"p-{number}", shop.slug, "time", "days", True, promised, one.placed_at, False, one.features
    )


def open_at(shop: Simulated, now: datetime, promised: float) -> list[OpenCase]:
    """The later orders that nothing has come of at a moment, promised so many days, not overdue."""
    return [
        case_of(shop, number, one, promised)
        for number, one in enumerate(shop.later)
        if 0 <= (now.date() - one.placed_at.date()).days <= min(one.actual, promised)
        and one.placed_at <= now
    ]


@pytest.fixture
def asked(learned: Simulated) -> list[OpenCase]:
    """Some open cases, two days after the shop has learned."""
    return open_at(learned, learned.evening + timedelta(days=2), 10.0)


def test_so_many_of_ten_are_kept_as_is_said(learned: Simulated) -> None:
    """Of orders the model has not seen, fresh ones and old, as many are kept as it says."""
    said, kept, passed = [], [], []
    for day in range(2, 60, 2):
        now = learned.evening + timedelta(days=day)
        for promised in (7.0, 10.0, 14.0):
            cases = {case.reference: case for case in open_at(learned, now, promised)}
            for reference, one in chances(cases.values(), now).items():
                said.append(one.share)
                kept.append(learned.later[int(reference[2:])].actual <= promised)
                passed.append((now.date() - cases[reference].made_at.date()).days)
    share, came, days = np.array(said), np.array(kept), np.array(passed)
    parts = [(share >= low) & (share < low + 0.25) for low in (0, 0.25, 0.5, 0.75)]
    parts += [(days >= first) & (days < first + 3) for first in (0, 3, 6)]
    for part in parts:
        assert part.sum() > 200
        assert abs(share[part].mean() - came[part].mean()) < 0.08


def test_the_longer_nothing_comes_the_fewer_are_kept(learned: Simulated) -> None:
    slow = max(learned.later, key=lambda one: one.actual)
    case = case_of(learned, 1, slow, 10.0)
    shares = [
        chances([case], case.made_at + timedelta(days=days))["p-1"].share for days in (0, 4, 8)
    ]
    assert shares == sorted(shares, reverse=True) and shares[0] > shares[2] + 0.1


def test_the_model_is_named(learned: Simulated, asked: list[OpenCase]) -> None:
    row = LearnedModel.objects.get(status="published")
    found = chances(asked, learned.evening + timedelta(days=2))
    assert len(found) == len(asked)
    for one in found.values():
        assert (one.service, one.version) == (learned.slug, row.version)
        assert one.outcomes == row.metrics["outcomes"] and 0 <= one.share <= 1


@pytest.mark.parametrize(
    "other",
    [{"revised": True}, {"unit": "hours"}, {"whole": False}, {"lever": "cost"}, {"service": "x"}],
)
def test_of_what_the_model_does_not_know_nothing_is_said(
    learned: Simulated, asked: list[OpenCase], other: dict[str, Any]
) -> None:
    now = learned.evening + timedelta(days=2)
    assert chances([replace(asked[0], **other)], now) == {}


@pytest.mark.parametrize("gone", ["withdrawn", "inactive", "level"])
def test_without_a_published_model_that_supports_it_nothing_is_said(
    learned: Simulated, asked: list[OpenCase], gone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if gone == "withdrawn":
        LearnedModel.objects.update(status="candidate")
    elif gone == "inactive":
        Service.objects.filter(slug=learned.slug).update(active=False)
    else:
        monkeypatch.setattr(PromisingPolicy, "level_of", lambda self, service: 0.9999)
    assert chances(asked, learned.evening + timedelta(days=2)) == {}


def test_long_after_all_others_have_come_nothing_is_said(
    learned: Simulated, asked: list[OpenCase]
) -> None:
    late = replace(asked[0], promised=400.0)
    assert chances([late], late.made_at + timedelta(days=300)) == {}


def test_many_cost_no_more_statements_than_one(learned: Simulated, asked: list[OpenCase]) -> None:
    now = learned.evening + timedelta(days=2)
    counts = []
    for cases in (asked[:1], asked):
        serving.forget()
        with CaptureQueriesContext(connection) as seen:
            chances(cases, now)
        counts.append(len(seen))
    assert len(asked) > 5 and counts[0] == counts[1]
    with CaptureQueriesContext(connection) as seen:
        chances(asked, now)
    assert len(seen) == 0, "the model is kept in memory"
