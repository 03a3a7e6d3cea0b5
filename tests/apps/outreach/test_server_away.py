"""A mail server that is away is left in peace, somebody is told, and everything goes afterwards."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from overdeliver.apps.desk import reads as desk
from overdeliver.apps.outreach import lanes
from overdeliver.apps.outreach.models import Lane, Message
from overdeliver.server.models import WorkerBeat
from tests.apps.outreach.conftest import sweep
from tests.apps.outreach.test_mail_servers import Script, script, write
from tests.figures import figure

pytestmark = pytest.mark.django_db
__all__ = ["script"]
NOON = datetime(2026, 3, 5, 9, tzinfo=UTC)
MAILS, AWAY, LOOK = (
    figure(40, 5_000),
    600,
    5,
)  # mails; seconds away, and between two looks of the worker


def test_a_server_away_for_ten_minutes_is_called_once_in_ten_seconds_at_most(
    shop: object, script: Script
) -> None:
    script.says = {"connect": "421 not now"}
    with time_machine.travel(NOON, tick=False) as clock:
        for number in range(MAILS):
            write(f"k-{number}")
        called: list[int] = []
        for second in range(0, 3 * AWAY, LOOK):
            clock.move_to(NOON + timedelta(seconds=second))
            if second == AWAY:
                script.says = {}
            before = script.calls
            sweep()
            called += [second] * (script.calls - before)
            if not Message.objects.filter(status="queued").exists():
                break
    apart = [later - earlier for earlier, later in pairwise(called)]
    down = [one for one in called if one < AWAY]
    assert len(down) >= 5, "it is asked whether it is back"
    assert min(apart[: len(down)]) >= 10, called
    assert script.taken == MAILS
    assert set(Message.objects.values_list("status", flat=True)) == {"sent"}
    assert not Lane.objects.exists()


def test_of_several_workers_one_asks_whether_a_server_is_back(db: None) -> None:
    lanes.failed("mail", "mail_unreachable", 0.0, NOON)
    assert lanes.Turn("mail", NOON).over(NOON), "it rests"
    later = NOON + timedelta(seconds=10)
    first, second = lanes.Turn("mail", later), lanes.Turn("mail", later)
    assert (first.over(later), second.over(later)) == (False, True)
    first.end(later)
    assert not lanes.Turn("mail", later).over(later), "nothing was tried: the next one may"
    lanes.works("mail")
    assert not second.over(later)


@pytest.mark.parametrize(
    ("says", "words"),
    [
        ({"connect": "421 not now"}, "the mail server cannot be reached"),
        ({"rcpt": "550 5.7.1 blocked"}, "the mail server refuses us"),
    ],
)
def test_whoever_runs_the_machine_is_told_since_when_no_mail_goes(
    shop: object,
    script: Script,
    signed_in: Callable[[str], Client],
    says: dict[str, str],
    words: str,
) -> None:
    script.says = says
    owner, agent = signed_in("owner"), signed_in("agent")
    with time_machine.travel(NOON, tick=False) as clock:
        for number in range(3):
            write(f"k-{number}")
        sweep()
        WorkerBeat.objects.create(name="here:1", at=NOON, started_at=NOON, version="0")
        page = owner.get("/settings/system/").content.decode()
        assert words in page and "3 mails wait" in page
        assert not desk.today(timezone.now(), {"settings.see"}), "a moment is no news"
        clock.move_to(NOON + timedelta(minutes=1))
        (fact,) = desk.today(timezone.now(), {"settings.see"})
        assert words in fact.because[0] and "09:00" in fact.because[0]
        assert owner.get(fact.url).status_code == 200
        assert owner.get(f"/today/why/{fact.key}/").status_code == 200
        assert not desk.today(timezone.now(), {"today.see"})
        assert agent.get(fact.url).status_code == 403
        script.says = {}
        clock.move_to(NOON + timedelta(hours=1))
        sweep()
        assert not desk.today(timezone.now(), {"settings.see"})
        assert words not in owner.get("/settings/system/").content.decode()
