"""One's own account, and the doors one comes in by."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.test import Client

from overdeliver.apps.business.models import Business
from overdeliver.apps.people import actions, links, staffing
from overdeliver.apps.people.models import Invitation, Staff
from overdeliver.vocabulary.errors import Conflict, InputError, NotFound

pytestmark = pytest.mark.django_db
GOOD = "correct horse battery"


def test_everybody_changes_his_own_name_and_language_and_not_his_role(
    shop: Business, signed_in: Callable[[str], Client]
) -> None:
    agent = signed_in("agent")
    answer = agent.post("/account/", {"name": "Bo", "language": "kk", "role": "owner"})
    assert answer.headers["Location"] == "/account/"
    row = Staff.objects.get()
    assert (row.name, row.language, row.role) == ("Bo", "kk", "agent")
    assert '<html lang="kk"' in agent.get("/account/").content.decode()
    cookie = answer.cookies["language"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"


def test_a_language_that_is_none_is_refused_and_what_was_typed_stays(
    shop: Business, signed_in: Callable[[str], Client]
) -> None:
    agent = signed_in("agent")
    answer = agent.post("/account/", {"name": "Bo", "language": "xx"})
    text = answer.content.decode()
    assert answer.status_code == 422 and 'value="Bo"' in text and 'id="language-error"' in text
    assert "language" not in answer.cookies
    assert Staff.objects.get().name == ""


def test_whoever_waits_for_the_setup_goes_on_when_it_is_done(
    shop: Business, signed_in: Callable[[str], Client]
) -> None:
    assert signed_in("agent").get("/welcome/soon/").headers["Location"] == "/"


def test_somebody_invited_by_mail_is_told_that_his_password_is_weak(shop: Business) -> None:
    token = links.invite("new@example.org", "agent", team=" north ", by=None)
    guest = Client()
    answer = guest.post(f"/join/{token}/", {"name": "New", "password": "password"})
    text = answer.content.decode()
    assert answer.status_code == 422 and 'id="password-error"' in text and 'value="New"' in text
    assert guest.post(f"/join/{token}/", {"name": "", "password": GOOD}).status_code == 422
    assert not Staff.objects.exists()


def test_a_newer_invitation_ends_the_one_before(shop: Business) -> None:
    old = links.invite("new@example.org", "agent", by=None)
    new = links.invite("New@Example.org ", "manager", by=None)
    assert Client().get(f"/join/{old}/").status_code == 404
    assert Client().get(f"/join/{new}/").status_code == 200
    assert Invitation.objects.count() == 1


def test_a_link_for_a_password_makes_no_member_of_staff(
    shop: Business, staff: Callable[[str], Staff]
) -> None:
    token = links.password_link(staff("agent").pk)
    answer = Client().post(f"/join/{token}/", {"name": "Second", "password": GOOD})
    assert answer.status_code == 404
    assert Staff.objects.count() == 1


def test_an_invitation_sets_nobodys_password(shop: Business, staff: Callable[[str], Staff]) -> None:
    token = links.invite("new@example.org", "owner", by=None)
    assert Client().post(f"/password/{token}/", {"password": GOOD}).status_code == 404
    with pytest.raises(NotFound):
        staffing.choose_password(token, GOOD)


def test_a_first_link_makes_no_second_owner(staff: Callable[[str], Staff]) -> None:
    door = str(actions.first_link())
    staff("owner")  # from the command line, in the meantime
    typed = {"email": "late@example.org", "name": "Late", "password": GOOD}
    answer = Client().post(door, typed)
    assert answer.status_code == 422 and "late@example.org" in answer.content.decode()
    assert Staff.objects.count() == 1
    assert Client().get(door).status_code == 200  # refused, so it was not used up either


def test_a_link_is_used_by_one_of_two_who_open_it(shop: Business) -> None:
    token = links.invite("new@example.org", "agent", by=None)
    one, other = links.opened(token), links.opened(token)
    links.use(one)
    with pytest.raises(Conflict, match="used already"):
        links.use(other)


def test_a_place_that_was_taken_in_the_meantime_is_refused(shop: Business) -> None:
    """The same person was made on the command line while his invitation was open."""
    token = links.invite("new@example.org", "agent", by=None)
    actions.make_owner("new@example.org", GOOD)
    answer = Client().post(f"/join/{token}/", {"name": "New", "password": GOOD})
    assert answer.status_code == 422
    assert Staff.objects.get().role == "owner"


def test_an_owner_of_the_command_line_needs_an_address_and_a_good_password() -> None:
    for email, password in (("nobody", GOOD), ("o@example.org", "short"), ("o@example.org", "")):
        with pytest.raises(InputError):
            actions.make_owner(email, password)
    assert not Staff.objects.exists()
    number = actions.make_owner("o@example.org", GOOD, "  Ana   Owner ")
    row = Staff.objects.get(pk=number)
    assert (row.role, row.name, row.check_password(GOOD)) == ("owner", "Ana Owner", True)
    with pytest.raises(Conflict, match="address is here already"):
        actions.make_owner("o@example.org", GOOD)


def test_a_link_is_said_in_full_so_that_it_can_be_copied(
    shop: Business, signed_in: Callable[[str], Client]
) -> None:
    typed = {"email": "new@example.org", "role": "agent"}
    link = signed_in("owner").post("/settings/people/invite/", typed).context["link"]
    assert urlsplit(link).scheme in ("http", "https")
    assert Client().get(urlsplit(link).path).status_code == 200
