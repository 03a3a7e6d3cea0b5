"""Lines of the Today page set aside by what they are about, and the money page's three answers."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from overdeliver.apps.business.models import Business
from overdeliver.apps.desk import actions
from overdeliver.apps.desk.models import Mark
from overdeliver.apps.journal.models import Event
from overdeliver.vocabulary.errors import InputError
from tests.apps.desk.conftest import Make

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("key", "subject"),
    [
        ("risk:p-1", "promise:p-1"),
        ("message:7", "message:7"),
        ("care:task:3", "task:3"),
        ("care:care_step:17", "care_step:17"),
        ("case:5:2:late", "case:5"),
        ("stale:front:door:2026-01-01", "touchpoint:front:door"),
        ("stale:door", "touchpoint:door"),
        ("drift:parcel:2026-01-01", "drift:parcel"),
        ("moved:-3600", "business:profile"),
        ("guessed:1772711000", "guessed:1772711000"),
        ("quiet:till:20260101120000", "source:till"),
        ("privacy:source:shop:4", "source:shop"),
    ],
)
def test_the_journal_says_what_a_line_set_aside_was_about(
    shop: Business, key: str, subject: str
) -> None:
    actions.mark(key, "done", note="x" * 600)
    assert Event.objects.get().subject == subject
    assert len(Mark.objects.get().note) == 500
    actions.bring_back(key)
    assert list(Event.objects.order_by("pk").values_list("subject", flat=True)) == [subject] * 2
    actions.bring_back(key)  # it stands there already
    assert Event.objects.count() == 2


def test_later_needs_its_moment_and_done_has_none(shop: Business) -> None:
    soon = timezone.now() + timedelta(days=1)
    for state, until in (("later", None), ("done", soon), ("", None)):
        with pytest.raises(InputError, match="until when"):
            actions.mark("broken:p-1", state, until=until)
    with pytest.raises(InputError, match="no such line"):
        actions.mark("broken:" + "x" * 250, "done")
    actions.mark("broken:p-1", "later", until=soon)
    actions.mark("broken:p-1", "done")  # said again: the latest counts
    row = Mark.objects.get()
    assert (row.state, row.until) == ("done", None)


def a_shop(sold: Make, *, broken: int, kept: int) -> None:
    """40 broken and 40 kept orders, of whose customers so many come again."""
    for number in range(80):
        late = number < 40
        sold(number, days_ago=200, took=90 if late else 30)
        if number < broken or 40 <= number < 40 + kept:
            sold(1000 + number, days_ago=150, took=60, customer=f"c-{number}")
    sold(5000, days_ago=1, took=60)


@pytest.mark.parametrize(
    ("broken", "kept", "said"),
    [
        (30, 4, "After a broken promise more come again (75%) than after a kept one (10%)."),
        (20, 22, "Not proven yet"),
    ],
)
def test_the_page_says_too_where_it_does_not_pay_or_cannot_be_told(
    sold: Make, signed_in: Callable[[str], Client], broken: int, kept: int, said: str
) -> None:
    a_shop(sold, broken=broken, kept=kept)
    found = signed_in("manager").get("/money/")
    answer = found.context["answer"]
    rates = {one["one"].verdict: one["one"].repeat.rate for one in found.context["repeats"]}
    assert rates["broken"] == broken / 40 and rates["exceeded"] == kept / 40
    assert said in answer


def test_where_every_promise_is_kept_there_is_nothing_to_compare(
    sold: Make, signed_in: Callable[[str], Client]
) -> None:
    for number in range(40):
        sold(number, days_ago=200, took=30)
    sold(5000, days_ago=1, took=30)
    answer = signed_in("manager").get("/money/").context["answer"]
    assert answer == "Not enough is known yet."


@pytest.mark.parametrize("within", ["", "x", "-90", "9" * 5000])
def test_a_span_that_is_no_number_is_refused(
    shop: Business, signed_in: Callable[[str], Client], within: str
) -> None:
    assert signed_in("manager").get("/money/", {"within": within}).status_code == 422
