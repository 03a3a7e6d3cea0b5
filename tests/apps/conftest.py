"""The cast of the application's tests, made through the doors everybody uses."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from overdeliver.apps.business.models import Business, Service
from overdeliver.apps.journal.append_only import lifted
from overdeliver.apps.people import actions as people
from overdeliver.apps.people import erasure_log
from overdeliver.apps.people.models import Staff

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


@pytest.fixture
def shop(db: None) -> Business:
    """A web shop in Almaty that promises days and hours."""
    here = Business.objects.create(
        name="Shop", kind="webshop", country="KZ", zone="Asia/Almaty", currency="KZT"
    )
    Service.objects.create(slug="parcel", name="Parcel", lever="time", unit="days", whole=True)
    Service.objects.create(
        slug="courier", name="Courier", lever="time", unit="minutes", whole=False
    )
    return here


@pytest.fixture
def staff(db: None) -> Callable[[str], Staff]:
    """Makes a member of staff of a role."""
    return lambda role: Staff.objects.create_user(f"{role}@example.org", "secret", role=role)


@pytest.fixture
def signed_in(staff: Callable[[str], Staff]) -> Callable[[str], Client]:
    """Makes a browser in which somebody of a role has signed in."""

    def make(role: str) -> Client:
        client = Client()
        client.force_login(staff(role))
        return client

    return make


@pytest.fixture
def api(db: None) -> Callable[..., Client]:
    """Makes a program with a key of these rights."""

    def make(*rights: str) -> Client:
        return Client(headers={"authorization": f"Bearer {people.make_key('test', rights)}"})

    return make


@pytest.fixture(autouse=True)
def _nobody_was_erased() -> Iterator[None]:
    """The log of erasures outlives the database, that of a test as well."""
    yield
    (Path(settings.DATA) / erasure_log.NAME).unlink(missing_ok=True)


@pytest.fixture(autouse=True)
def _emptied_ledger(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests with real transactions are cleaned up by DELETE, which the ledger refuses."""
    real = "transactional_db" in request.fixturenames
    marker = request.node.get_closest_marker("django_db")
    if not (real or (marker and marker.kwargs.get("transaction"))):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    _empty()


def _empty() -> None:
    from django.db import connection

    tables = ["promises_standing", "promises_outcome", "promises_promise", "people_consent"]
    tables += ["business_policy", "journal_delivery", "recovery_step"]
    tables += ["recovery_attachment", "recovery_incoming", "recovery_case"]
    with lifted(), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute("UPDATE journal_event SET cause_id = NULL, decision_id = NULL")
        cursor.execute("DELETE FROM journal_decided")
        cursor.execute("DELETE FROM journal_event")
