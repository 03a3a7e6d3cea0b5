"""The complaints of a made-up business: at every step, answered in time, without a word sent."""

import pytest

from overdeliver.apps.journal import jobs as journal
from overdeliver.apps.promises import reads as promises
from overdeliver.apps.recovery import made_up
from overdeliver.apps.recovery.models import Case
from overdeliver.server import demo

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["en", "kk"])
def test_a_demo_has_complaints_at_every_step(language: str) -> None:
    demo.set_up("pizza", language, 400)
    made = Case.objects.count()
    assert made > 5
    assert made_up.fill(language) == made and Case.objects.count() == made  # once
    while journal.deliver_due():
        pass
    stands = set(Case.objects.values_list("status", flat=True))
    assert {"received", "admitted", "apologised", "closed"} <= stands
    answers = [promises.promise(f"case-{row.pk}") for row in Case.objects.filter(steps__gte=1)]
    assert answers and all(one.verdict in ("met", "exceeded") for one in answers)
    assert all(row.language == language and row.customer_id for row in Case.objects.all())
