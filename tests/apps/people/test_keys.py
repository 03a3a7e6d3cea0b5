"""Keys for programs: what is refused when one is made, and how guessing is held off."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from overdeliver.apps.business.models import Business
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.people import actions, buckets, key_auth
from overdeliver.apps.people.models import ApiKey
from overdeliver.vocabulary.errors import InputError

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": " ", "rights": ["customers.see"]}, "name"),
        ({"name": "till"}, "rights"),
        ({"name": "till", "rights": ["keys.manage"]}, "rights"),
        ({"name": "till", "rights": ["customers.see"], "expires": "2020-01-01"}, "expires"),
        ({"name": "till", "rights": ["customers.see"], "expires": "soon"}, "expires"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused_at_its_field(
    shop: Business, signed_in: Callable[[str], Client], typed: dict[str, object], field: str
) -> None:
    answer = signed_in("owner").post("/settings/keys/", typed)
    assert answer.status_code == 422 and answer.context["form"][field].error
    assert not ApiKey.objects.exists()


def test_a_key_needs_a_name_on_the_command_line_too(shop: Business) -> None:
    with pytest.raises(InputError, match=r"^name"):
        actions.make_key("  ", ["customers.see"])


def test_a_key_works_until_its_day(shop: Business) -> None:
    key = actions.make_key("till", ["customers.see"], expires_at=timezone.now() + timedelta(1))
    program = Client(headers={"authorization": f"Bearer {key}"})
    assert program.get("/api/v1/me").json()["expires_at"]
    ApiKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert program.get("/api/v1/me").status_code == 401


def test_revoking_twice_is_one_event_and_revoking_nothing_is_not_found(
    shop: Business, signed_in: Callable[[str], Client]
) -> None:
    owner = signed_in("owner")
    actions.make_key("till", ["customers.see"])
    number = ApiKey.objects.get().pk
    for _ in range(2):
        assert owner.post(f"/settings/keys/{number}/revoke/").status_code == 302
    told = [one.name for one in journal.life(f"key:{number}")]
    assert told == ["people.key_made", "people.key_revoked"]
    assert owner.post("/settings/keys/987654/revoke/").status_code == 404


def test_a_key_in_other_letters_is_no_key(shop: Business) -> None:
    for token in ("od_ключ", "od_\x00", "od_", "x" * 5000):
        program = Client(REMOTE_ADDR="203.0.113.7")
        answer = program.get("/api/v1/me", headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 401, token


def test_guessing_keys_is_slowed_down_for_that_address_alone(shop: Business) -> None:
    wrong = {"authorization": "Bearer od_guessed"}
    guesser = Client(REMOTE_ADDR="203.0.113.8")
    answers = []
    while len(answers) < 4 * key_auth.WRONG_MOST:  # a slow machine is let through a little longer
        answers.append(guesser.get("/api/v1/me", headers=wrong))
        if answers[-1].status_code != 401:
            break
    assert answers[-1].status_code == 429 and len(answers) > key_auth.WRONG_MOST
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert Client(REMOTE_ADDR="203.0.113.9").get("/api/v1/me", headers=wrong).status_code == 401


def test_many_callers_do_not_fill_the_memory_and_the_latest_are_still_held_off() -> None:
    held = buckets.Shared()
    before = len(held.memory)
    names = [f"flood:{number}" for number in range(3 * held.size)]
    assert not any(held.take(name, 0.0001, 1) for name in names)
    assert len(held.memory) == before
    assert all(held.take(name, 0.0001, 1) for name in names[-1000:])
    begin_anew = sum(not held.take(name, 0.0001, 1) for name in names[:1000])
    assert begin_anew > 900  # they called longest ago


def test_when_a_key_was_last_used_is_written_down(shop: Business) -> None:
    program = Client(headers={"authorization": f"Bearer {actions.make_key('t', [])}"})
    assert ApiKey.objects.get().last_used_at is None
    program.get("/api/v1/me")
    first = ApiKey.objects.get().last_used_at
    assert first is not None
    program.get("/api/v1/me")
    assert ApiKey.objects.get().last_used_at == first  # once a minute is often enough
    ApiKey.objects.update(last_used_at=datetime(2020, 1, 1, tzinfo=UTC))
    program.get("/api/v1/me")
    assert ApiKey.objects.get().last_used_at != datetime(2020, 1, 1, tzinfo=UTC)
