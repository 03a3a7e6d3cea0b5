"""What ends at once: a new password, a smaller role, somebody who leaves; what nobody may claim."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from overdeliver.apps.care import feeds
from overdeliver.apps.journal.models import Event
from overdeliver.apps.outreach import preferences
from overdeliver.apps.people import actions as people
from overdeliver.apps.people import links, staffing
from overdeliver.apps.people.models import Staff
from overdeliver.server.arrival import caller

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
GOOD = "a long and quiet sentence"


def opens(client: Client, path: str = "/account/") -> bool:
    return client.get(path).status_code == 200


def test_a_password_changed_on_ones_own_page_ends_what_the_old_one_opened(
    shop: object, staff: Callable[[str], Staff]
) -> None:
    row = staff("manager")
    here, there = Client(), Client()
    here.force_login(row)
    there.force_login(row)
    assert opens(here) and opens(there)
    sent = links.password_link(row.pk)
    typed = {"oldpassword": "secret", "password1": GOOD, "password2": GOOD}
    assert here.post("/accounts/password/change/", typed).status_code == 302
    assert not opens(there) and not opens(here)
    assert not opens(Client(), f"/password/{sent}/")
    assert Event.objects.filter(name="people.password_changed").count() == 1
    old = Client().post("/accounts/login/", {"login": row.email, "password": "secret"})
    new = Client().post("/accounts/login/", {"login": row.email, "password": GOOD})
    assert (old.status_code, new.status_code) == (200, 302)


def test_whoever_leaves_is_out_by_every_door_at_once(
    shop: object, staff: Callable[[str], Staff]
) -> None:
    staff("owner")
    row = staff("manager")
    client = Client()
    client.force_login(row)
    calendar, link = feeds.make_feed(row.pk), links.password_link(row.pk)
    doors = [f"/calendar/{calendar}.ics", f"/password/{link}/"]
    assert opens(client, "/promises/") and all(opens(Client(), door) for door in doors)
    staffing.deactivate(row.pk)
    assert not opens(client, "/promises/")
    assert not any(opens(Client(), door) for door in doors)
    typed = {"login": row.email, "password": "secret"}
    assert Client().post("/accounts/login/", typed)["Location"] == "/accounts/inactive/"


def test_a_smaller_role_counts_at_the_next_call(shop: object, signed_in: Browser) -> None:
    client = signed_in("manager")
    assert opens(client, "/settings/")
    row = Staff.objects.get(role="manager")
    staffing.change_staff(row.pk, role="agent", team="", name="")
    assert client.get("/settings/").status_code == 403
    assert opens(client, "/promises/")


def test_what_the_secret_before_signed_is_good_until_it_is_forgotten(
    shop: object, settings: Settings, staff: Callable[[str], Staff]
) -> None:
    old, settings.SECRET_KEY_FALLBACKS = settings.SECRET_KEY, []
    number = people.keep_customer("c-1", name="Anna", email="anna@example.org")
    link, client = preferences.link(number, "asking"), Client()
    client.force_login(staff("agent"))
    path = urlsplit(link).path
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 60, [old]
    assert opens(client) and opens(Client(), path)
    settings.SECRET_KEY_FALLBACKS = []
    assert not opens(Client(), path)
    fresh = Client()
    fresh.force_login(Staff.objects.get())
    settings.SECRET_KEY = "m" * 60
    assert not opens(fresh)


#: What proxies say of a caller, as anybody may write it who reaches the port himself.
CLAIMS = {
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Ssl": "on",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Server": "evil.example",
    "X-Forwarded-Port": "444",
    "Forwarded": "for=203.0.113.9;host=evil.example;proto=https",
    "X-Real-IP": "127.0.0.1",
    "X-Forwarded-For": "127.0.0.1",
    "True-Client-IP": "127.0.0.1",
    "CF-Connecting-IP": "127.0.0.1",
    "X-Client-IP": "127.0.0.1",
    "Remote-User": "owner@example.org",
    "X-Remote-User": "owner@example.org",
    "X-Forwarded-User": "owner@example.org",
    "X-Forwarded-Email": "owner@example.org",
    "X-Auth-Request-Email": "owner@example.org",
    "X-WEBAUTH-USER": "owner@example.org",
    "X-SSL-Client-S-DN": "CN=owner",
    "X-HTTP-Method-Override": "DELETE",
    "X-Original-URL": "/settings/",
    "X-Rewrite-URL": "/settings/",
    "X-Script-Name": "/evil",
}


def test_what_a_stranger_says_of_himself_is_not_believed(
    shop: object, staff: Callable[[str], Staff]
) -> None:
    staff("owner")
    client = Client(headers=CLAIMS, REMOTE_ADDR="198.51.100.7", REMOTE_USER="")
    for path in ("/", "/settings/", "/metrics", "/c/", "/accounts/login/"):
        answer = client.get(path)
        assert not answer.wsgi_request.is_secure(), path
        assert answer.wsgi_request.get_host() == "testserver", path
        assert not answer.wsgi_request.user.is_authenticated, path
        assert caller(answer.wsgi_request, 0) == "198.51.100.7", path
        assert answer.wsgi_request.method == "GET", path
        assert "evil" not in answer.content.decode() + str(dict(answer.headers)), path
        expected = {"/": 302, "/settings/": 302, "/metrics": 403}.get(path, 200)
        assert answer.status_code == expected, path


def test_one_trusted_proxy_is_believed_in_what_it_adds_and_nothing_else(
    shop: object, settings: Settings, staff: Callable[[str], Staff]
) -> None:
    staff("owner")
    settings.KNOBS = {**settings.KNOBS, "proxies": 1}
    told = {**CLAIMS, "X-Forwarded-For": "127.0.0.1, 203.0.113.9"}
    answer = Client(headers=told, REMOTE_ADDR="10.0.0.2").get("/metrics")
    assert answer.status_code == 403  # a proxy's own address is not this machine's
    assert caller(answer.wsgi_request, 0) == "203.0.113.9"
    assert answer.wsgi_request.get_host() == "testserver"
    assert not answer.wsgi_request.user.is_authenticated
