"""What a database server refuses for want of disk or memory is an answer, not a failure."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from overdeliver.apps.promises import actions
from overdeliver.apps.promises.models import Promise
from tests.apps.conftest import NOON

pytestmark = pytest.mark.django_db(transaction=True)
PROMISE = {"order": "o-1", "lever": "cost", "unit": "EUR", "promised": 3}
REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'refused by a test' USING ERRCODE = '{code}'; END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON promises_promise
    DEFERRABLE INITIALLY {when} FOR EACH ROW EXECUTE FUNCTION refuse()
"""


@pytest.mark.parametrize("when", ["IMMEDIATE", "DEFERRED"])  # at the statement, at the commit
@pytest.mark.parametrize("code", ["53100", "53200", "53000"])  # disk full, out of memory, the rest
def test_no_room_on_the_server_is_503_and_nothing_is_kept(
    code: str, when: str, shop: object, api: Callable[..., Client]
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite's disk is tried in tests/faults/test_no_room.py")
    actions.place_order("o-1", placed_at=NOON)
    program = api("promises.write", "promises.see")
    kept = program.post("/api/v1/promises", PROMISE, content_type="application/json").json()
    with connection.cursor() as cursor:
        cursor.execute(REFUSE.format(code=code, when=when))
    try:
        answer = program.post("/api/v1/promises", PROMISE, content_type="application/json")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
        assert answer.json()["type"] == "urn:overdeliver:unavailable"
        assert program.get(f"/api/v1/promises/{kept['reference']}").status_code == 200
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER refuse ON promises_promise; DROP FUNCTION refuse()")
    assert Promise.objects.count() == 1


def test_a_server_that_may_write_no_file_is_not_ready(shop: object, client: Client) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite's disk is ours and is looked at")
    assert client.get("/readyz").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SET temp_file_limit = '64kB'")
    try:
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["because"]) == (503, "OperationalError")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET temp_file_limit")
