"""The loop of a complaint: nothing is skipped, nothing closes early, whoever tries and however."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from overdeliver.apps.business.models import Business
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.recovery import actions
from overdeliver.apps.recovery.models import Case, Cause, Change, Step
from overdeliver.apps.recovery.rules.complaint import Complaint
from overdeliver.apps.recovery.rules.loop import BY_NAME, MOVES, PAIRS, STATES, next_moves
from overdeliver.vocabulary.errors import Conflict, InputError, OverdeliverError
from tests.apps.recovery.conftest import STEPS
from tests.figures import figure

pytestmark = pytest.mark.django_db


def test_a_complaint_goes_all_the_way_round(complaint: Case, step: Callable[..., str]) -> None:
    states = [step(complaint.pk, name, **told) for name, told in STEPS]
    assert states == [BY_NAME[name].after for name, _ in STEPS]
    row = Case.objects.get(pk=complaint.pk)
    assert row.closed_at and row.due_at is None and row.steps == 8 and row.cause is not None
    names = [entry.name for entry in journal.life(f"case:{row.pk}")]
    assert names[-1] == "recovery.case_closed" and names.count("recovery.step_done") == 8


@pytest.mark.parametrize("state", STATES)
def test_only_the_next_step_is_taken(
    state: str, complaint: Case, until: Callable[[int, str], Case], step: Callable[..., str]
) -> None:
    if state == "reopened":
        until(complaint.pk, "invited")
        step(complaint.pk, "not_good")
    else:
        until(complaint.pk, state)
    legal = {move.name for move in next_moves(state)}
    for move in MOVES:
        if move.name in legal:
            continue
        with pytest.raises(Conflict, match=f"{move.name}: the complaint is {state}"):
            step(complaint.pk, move.name)
    assert Case.objects.get(pk=complaint.pk).status == state


def test_not_good_leads_back_to_another_change(
    complaint: Case, until: Callable[[int, str], Case], step: Callable[..., str]
) -> None:
    until(complaint.pk, "invited")
    assert step(complaint.pk, "not_good") == "reopened"
    first = Change.objects.get()
    again = actions.Told(words="The same once more", change=first.pk)
    with pytest.raises(Conflict, match="was made before and was not enough"):
        actions.do_step(complaint.pk, "change", again)
    assert step(complaint.pk, "change") == "changed"
    row = Case.objects.get(pk=complaint.pk)
    for name in ("invite", "good", "write_lesson", "close"):
        step(complaint.pk, name)
    row.refresh_from_db()
    assert (row.status, row.reopened) == ("closed", 1)


@pytest.mark.parametrize(
    ("name", "told", "why"),
    [
        ("admit", {"words": "  "}, "words"),
        ("admit", {"words": "x" * 5001}, "5000"),
        ("find_cause", {"words": "it is"}, "cause"),
        ("change", {"words": "done"}, "change"),
    ],
)
def test_a_step_shows_what_it_must(
    name: str, told: dict[str, str], why: str, complaint: Case, until: Callable[[int, str], Case]
) -> None:
    until(complaint.pk, BY_NAME[name].before[0])
    with pytest.raises(InputError, match=why):
        actions.do_step(complaint.pk, name, actions.Told(**told))


def test_the_second_of_two_who_do_a_step_is_told(complaint: Case) -> None:
    actions.do_step(complaint.pk, "admit", actions.Told(words="Yes", seen=0))
    with pytest.raises(Conflict, match="somebody has done a step"):
        actions.do_step(complaint.pk, "apologise", actions.Told(words="Sorry", seen=0))


def _refused(sql: str, *values: object) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.parametrize("state", STATES)
def test_the_database_moves_no_complaint_without_its_step(
    state: str, complaint: Case, until: Callable[[int, str], Case]
) -> None:
    until(complaint.pk, "apologised")
    if state == "apologised":
        return
    closed = ", closed_at = received_at" if state == "closed" else ""
    for steps in (2, 3):
        _refused(
            f"UPDATE recovery_case SET status = %s, steps = {steps}{closed} WHERE id = %s",
            state,
            complaint.pk,
        )
    assert Case.objects.get(pk=complaint.pk).status == "apologised"


@pytest.mark.parametrize(("before", "after"), [(a, b) for a in STATES for b in STATES])
def test_the_database_takes_no_step_out_of_order(
    before: str, after: str, complaint: Case, until: Callable[[int, str], Case]
) -> None:
    if (before, after) == ("received", "admitted"):
        return
    cause = Cause.objects.create(name="c", found_at=timezone.now())
    change = Change.objects.create(
        cause=cause, what="w", owner="o", since="2026-03-05", made_at=timezone.now()
    )
    for number in (1, 2):
        with pytest.raises(DatabaseError), transaction.atomic():
            Step.objects.create(
                case=complaint,
                number=number,
                before=before,
                after=after,
                words="w",
                cause=cause,
                change=change,
                at=timezone.now(),
            )
    assert (before, after) not in [("received", "admitted")] and PAIRS


def test_the_database_keeps_steps_and_complaints(
    complaint: Case, until: Callable[[int, str], Case]
) -> None:
    until(complaint.pk, "changed")
    _refused("UPDATE recovery_step SET after = 'closed' WHERE case_id = %s", complaint.pk)
    _refused("UPDATE recovery_step SET words = 'x' WHERE case_id = %s", complaint.pk)
    _refused("DELETE FROM recovery_step WHERE case_id = %s", complaint.pk)
    _refused("DELETE FROM recovery_case WHERE id = %s", complaint.pk)
    _refused("UPDATE recovery_case SET id = 999999 WHERE id = %s", complaint.pk)
    _refused("UPDATE recovery_case SET steps = 0 WHERE id = %s", complaint.pk)


def test_the_database_begins_no_complaint_at_its_end(complaint: Case) -> None:
    copy = Case.objects.get(pk=complaint.pk)
    copy.pk, copy.token, copy.status, copy.closed_at = None, "x", "closed", timezone.now()
    with pytest.raises(DatabaseError), transaction.atomic():
        copy.save(force_insert=True)


class Attempts(RuleBasedStateMachine):
    """Whoever tries whatever, in any order: it closes by its loop or not at all."""

    def __init__(self) -> None:
        super().__init__()
        self.number = actions.open_case(Complaint(text="The lid came broken")).pk
        self.changes = 0

    @rule(name=st.sampled_from([move.name for move in MOVES]), words=st.sampled_from(["ok", ""]))
    def steps(self, name: str, words: str) -> None:
        """Through the door everybody uses."""
        self.changes += 1
        try:
            actions.do_named(
                self.number,
                name,
                actions.Told(words=words, remedy="refund"),
                cause="c",
                change=f"change {self.changes}",
                change_owner="o",
            )
        except OverdeliverError:
            return

    @rule(status=st.sampled_from(STATES), more=st.integers(0, 9))
    def forces(self, status: str, more: int) -> None:
        """By SQL, with any count of steps."""
        row = Case.objects.get(pk=self.number)
        if (status, more) == (row.status, row.steps):
            return
        closed = "received_at" if status == "closed" else "NULL"
        _refused(
            f"UPDATE recovery_case SET status = %s, steps = %s, closed_at = {closed} WHERE id = %s",
            status,
            more,
            self.number,
        )

    @invariant()
    def holds(self) -> None:
        """The state is where the steps lead, and closing has everything behind it."""
        row = Case.objects.get(pk=self.number)
        log = list(row.log.order_by("number"))
        at = "received"
        for number, one in enumerate(log, 1):
            assert one.number == number and one.before == at and (at, one.after) in PAIRS
            at = one.after
        assert (row.status, row.steps) == (at, len(log))
        assert row.reopened == sum(one.after == "reopened" for one in log)
        if row.status == "closed":
            seen = {one.after for one in log}
            assert {"admitted", "apologised", "changed", "invited", "good", "lesson"} <= seen


class TestAttempts(TestCase):
    """The machine, in a database of its own for every example."""

    def test_no_order_of_attempts_closes_early(self) -> None:
        Business.objects.create(
            name="Shop", kind="webshop", country="KZ", zone="Asia/Almaty", currency="KZT"
        )
        run_state_machine_as_test(
            Attempts,
            settings=settings(
                max_examples=figure(15, 200),
                stateful_step_count=figure(30, 50),
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )


def test_steps_are_due_by_the_business_calendar(open_days: Business) -> None:
    friday = timezone.datetime(2026, 3, 6, 11, 30, tzinfo=timezone.get_fixed_timezone(300))
    row = actions.open_case(Complaint(text="Late again"), at=friday)
    # 4 hours: 11:30-13:00, 14:00-16:30 of Friday
    assert row.due_at == friday + timedelta(hours=5)
    assert row.answer_by == row.due_at


def test_an_address_no_mail_goes_to_stops_no_step(shop: object, step: Callable[..., str]) -> None:
    case = actions.open_case(Complaint(text="The lid came broken", contact="anna@exa_mple.org"))
    assert step(case.pk, "admit", "You are right.") == "admitted"
