"""The ledger under any sequence of actions: append-only, and standings that can be drawn anew."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from overdeliver.apps.business.models import Business, Service
from overdeliver.apps.promises import actions, drawing, jobs
from overdeliver.apps.promises.models import Order, Outcome, Promise, Standing
from overdeliver.vocabulary.errors import Conflict, OverdeliverError
from overdeliver.vocabulary.gap import gap, verdict
from tests.apps.conftest import NOON
from tests.figures import figure

MINUTES = st.integers(0, 300)
KINDS: dict[str, dict[str, Any]] = {
    "courier": {"lever": "time", "unit": "minutes"},
    "parcel": {"lever": "time", "unit": "days", "whole": True},
    "crown": {"lever": "cost", "unit": "EUR"},
    "seat": {"lever": "service", "unit": "class"},
}


class Ledger(RuleBasedStateMachine):
    """Orders of four services, whatever happens to them in whatever order."""

    def __init__(self) -> None:
        super().__init__()
        self.whole = transaction.atomic()  # one sequence; taken back at its end
        self.whole.__enter__()
        self.clock = 0
        self.known: dict[str, tuple[Any, ...]] = {}
        self.said: dict[int, tuple[Any, ...]] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.whole.__exit__(None, None, None)

    @initialize()
    def begin(self) -> None:
        Business.objects.create(
            name="Any", kind="webshop", country="KZ", zone="Asia/Almaty", currency="KZT"
        )
        for slug, kind in KINDS.items():
            Service.objects.create(
                slug=slug,
                name=slug,
                lever=kind["lever"],
                unit=kind["unit"],
                tolerance=0 if slug == "seat" else 2,
            )
            order = actions.place_order(slug, placed_at=self.moment(), service=slug)
            actions.make_promise(order, promised=30, made_at=self.moment(), **kind)

    def moment(self) -> Any:
        self.clock += 7
        return NOON + timedelta(minutes=self.clock)

    @rule(data=st.data(), amount=st.integers(1, 100))
    def promise(self, data: st.DataObject, amount: int) -> None:
        order = self.some(data, Order)
        kind = KINDS[order.service]
        actions.make_promise(order.reference, promised=amount, made_at=self.moment(), **kind)

    @rule(data=st.data(), amount=st.integers(1, 100))
    def revise(self, data: st.DataObject, amount: int) -> None:
        row = self.some(data, Promise)
        kind = KINDS[row.order.service]
        with_last = row.standing.latest and not row.outcomes.exists()
        try:
            actions.make_promise(
                row.order.reference,
                promised=amount,
                made_at=self.moment(),
                revises=row.reference,
                **kind,
            )
        except Conflict:
            assert not with_last
        else:
            assert with_last

    @rule(data=st.data(), after=MINUTES, amount=st.integers(1, 100))
    def outcome(self, data: st.DataObject, after: int, amount: int) -> None:
        row = self.some(data, Promise)
        if row.lever == "time" and after % 2:
            said: dict[str, Any] = {"happened_at": row.made_at + timedelta(minutes=after)}
        else:
            said = {"actual": amount}
        actions.record_outcome(row.reference, **said)
        row.standing.refresh_from_db()
        if "actual" in said:  # the latest report counts
            assert row.standing.actual == amount

    @rule(data=st.data(), after=MINUTES, amount=st.integers(1, 100))
    def report_out_of_order(self, data: st.DataObject, after: int, amount: int) -> None:
        row = self.some(data, Promise)
        observed = row.made_at + timedelta(minutes=after)
        actions.record_outcome(row.reference, actual=amount, observed_at=observed)

    @rule(data=st.data(), amount=st.integers(1, 100))
    def report_twice(self, data: st.DataObject, amount: int) -> None:
        row, before = self.some(data, Promise), Outcome.objects.count()
        key = f"k-{before}"
        actions.record_outcome(row.reference, actual=amount, key=key)
        once = Outcome.objects.count()
        actions.record_outcome(row.reference, actual=amount, key=key)
        assert Outcome.objects.count() == once > before

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        actions.cancel_order(self.some(data, Order).reference, at=self.moment())

    @rule(tolerance=st.integers(0, 20), service=st.sampled_from(["courier", "crown"]))
    def another_tolerance(self, tolerance: int, service: str) -> None:
        Service.objects.filter(slug=service).update(tolerance=tolerance)

    @rule()
    def time_passes(self) -> None:
        jobs.break_overdue()

    @rule(data=st.data())
    def nonsense_changes_nothing(self, data: st.DataObject) -> None:
        counts = (Promise.objects.count(), Outcome.objects.count(), Standing.objects.count())
        wrong: dict[str, Any] = data.draw(
            st.sampled_from(
                [
                    {"lever": "time", "unit": "EUR", "promised": 3},
                    {"lever": "cost", "unit": "days", "promised": 3},
                    {"lever": "cost", "unit": "EUR", "promised": -3},
                    {"lever": "service", "unit": "class", "promised": 1.5},
                    {"lever": "mood", "unit": "EUR", "promised": 3},
                    {"lever": "time", "unit": "days", "promised": 2.5, "whole": True},
                    {"lever": "time", "unit": "days", "promised": float("nan")},
                ]
            )
        )
        for order in [row.reference for row in Order.objects.all()[:1]] or ["none"]:
            with pytest.raises(OverdeliverError):
                actions.make_promise(order, **wrong)
        assert counts == (
            Promise.objects.count(),
            Outcome.objects.count(),
            Standing.objects.count(),
        )

    def some(self, data: st.DataObject, model: Any) -> Any:
        return data.draw(st.sampled_from(list(model.objects.order_by("pk"))))

    @invariant()
    def what_was_said_stays_as_it_was_said(self) -> None:
        promises = {row[0]: row for row in Promise.objects.values_list()}
        outcomes = {row[0]: row for row in Outcome.objects.values_list()}
        assert all(promises[key] == row for key, row in self.known.items())  # type: ignore[index]
        assert all(outcomes[key] == row for key, row in self.said.items())
        self.known, self.said = promises, outcomes  # type: ignore[assignment]

    @invariant()
    def every_promise_stands_as_the_ledger_says(self) -> None:
        assert Standing.objects.count() == Promise.objects.count()
        for row in Standing.objects.select_related("promise__order"):
            promise = row.promise
            outcomes = sorted(promise.outcomes.all(), key=lambda one: (one.observed_at, one.pk))
            actual = outcomes[-1].actual if outcomes else None
            apart = None if actual is None else gap(promise.promised, actual, promise.lever)  # type: ignore[arg-type]
            assert (row.actual, row.gap) == (actual, apart)
            if apart is not None:
                assert row.verdict == verdict(apart, tolerance=promise.tolerance)
            elif promise.order.cancelled_at is None and promise.due_at is None:
                assert row.verdict == "open"
            thread = drawing.thread(promise)
            assert row.latest == (thread[-1].pk == promise.pk)
            assert row.original == (promise.revises_id is None)

    @invariant()
    def standings_drawn_anew_are_the_same(self) -> None:
        fields = ("verdict", "gap", "actual", "settled_at", "due_at", "latest", "original")
        before = list(Standing.objects.order_by("promise_id").values(*fields))
        jobs.break_overdue()  # what is due by now is judged first
        judged = list(Standing.objects.order_by("promise_id").values(*fields))
        for order in Order.objects.all():
            for members in drawing.threads_of(order):
                drawing.draw_thread(members)
        assert list(Standing.objects.order_by("promise_id").values(*fields)) == judged
        assert len(before) == len(judged)

    @invariant()
    def one_outcome_settles_a_whole_thread(self) -> None:
        for order in Order.objects.all():
            for members in drawing.threads_of(order):
                assert len({one.outcomes.exists() for one in members}) == 1


@pytest.mark.django_db
def test_any_sequence_of_actions() -> None:
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    phases = (Phase.explicit, Phase.reuse, Phase.generate)  # making it shorter takes minutes
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=figure(10, 200),
            stateful_step_count=figure(15, 50),
            deadline=None,
            phases=phases,
            suppress_health_check=checks,
        ),
    )


@pytest.fixture
def written(order: str) -> str:
    promise = actions.make_promise(order, lever="cost", unit="EUR", promised=100, made_at=NOON)
    actions.record_outcome(promise, actual=90)
    return promise


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE promises_promise SET promised = 1",
        "DELETE FROM promises_promise",
        "UPDATE promises_outcome SET actual = 1",
        "DELETE FROM promises_outcome",
        "INSERT OR REPLACE INTO promises_outcome SELECT * FROM promises_outcome",
        "REPLACE INTO promises_promise SELECT * FROM promises_promise",
        "TRUNCATE promises_outcome",
    ],
)
def test_the_database_refuses_to_change_what_was_said(written: str, statement: str) -> None:
    if connection.vendor == "sqlite" and statement.startswith("TRUNCATE"):
        pytest.skip("SQLite has no TRUNCATE")
    if connection.vendor != "sqlite" and "REPLACE" in statement:
        pytest.skip("PostgreSQL has no REPLACE")
    before = [list(model.objects.values_list()) for model in (Promise, Outcome)]
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert [list(model.objects.values_list()) for model in (Promise, Outcome)] == before
