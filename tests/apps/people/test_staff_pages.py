"""The pages where an owner changes who works here: every button does what it says, and no more."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from pytest_django.fixtures import Settings

from overdeliver.apps.business.models import Business
from overdeliver.apps.journal import reads as journal
from overdeliver.apps.people import links
from overdeliver.apps.people.models import Invitation, Staff

pytestmark = pytest.mark.django_db
GOOD = "correct horse battery"


@pytest.fixture
def owner(shop: Business, signed_in: Callable[[str], Client]) -> Client:
    return signed_in("owner")


@pytest.fixture
def agent(staff: Callable[[str], Staff]) -> Staff:
    return staff("agent")


def page_of(row: Staff, rest: str = "") -> str:
    return f"/settings/people/{row.pk}/{rest}"


def test_an_owner_changes_role_team_and_name(owner: Client, agent: Staff) -> None:
    typed = {"name": " Bo  Berg ", "role": "manager", "team": "north", "language": "ro"}
    assert owner.post(page_of(agent), typed).headers["Location"] == "/settings/people/"
    agent.refresh_from_db()
    assert (agent.name, agent.role, agent.team, agent.language) == (
        "Bo Berg",
        "manager",
        "north",
        "ro",
    )
    told = journal.life(f"staff:{agent.pk}")[-1]
    assert told.name == "people.staff_changed" and "Bo Berg" not in str(told.data)


def test_saving_without_a_change_is_no_event(owner: Client, agent: Staff) -> None:
    before = len(journal.life(f"staff:{agent.pk}"))
    same = {"name": agent.name, "role": agent.role, "team": "", "language": ""}
    assert owner.post(page_of(agent), same).status_code == 302
    assert len(journal.life(f"staff:{agent.pk}")) == before


@pytest.mark.parametrize("wrong", [{"role": "king"}, {"language": "xx"}])
def test_a_role_or_language_that_is_none_is_said_at_its_field(
    owner: Client, agent: Staff, wrong: dict[str, str]
) -> None:
    typed = {"name": "Typed Before", "role": "agent", "team": "", "language": "", **wrong}
    answer = owner.post(page_of(agent), typed)
    text = answer.content.decode()
    assert answer.status_code == 422 and 'value="Typed Before"' in text
    assert f'id="{next(iter(wrong))}-error"' in text
    agent.refresh_from_db()
    assert (agent.name, agent.role, agent.language) == ("", "agent", "")


def test_the_last_owner_cannot_give_the_role_away(owner: Client) -> None:
    himself = Staff.objects.get(role="owner")
    answer = owner.post(page_of(himself), {"name": "O", "role": "agent"})
    assert answer.status_code == 422 and 'id="role-error"' in answer.content.decode()
    himself.refresh_from_db()
    assert himself.role == "owner"


def test_the_last_owner_cannot_leave(owner: Client) -> None:
    himself = Staff.objects.get(role="owner")
    answer = owner.post(page_of(himself, "leave/"), follow=True)
    assert answer.redirect_chain[-1][0] == page_of(himself)
    assert "last owner" in answer.content.decode()
    himself.refresh_from_db()
    assert himself.is_active


def test_whoever_left_is_listed_apart_and_can_come_back(owner: Client, agent: Staff) -> None:
    path = page_of(agent, "leave/")
    assert owner.post(path).headers["Location"] == "/settings/people/"
    assert owner.post(path).status_code == 302  # a second press is no second event
    agent.refresh_from_db()
    assert not agent.is_active
    listed = owner.get("/settings/people/").context
    assert [row.id for row in listed["gone"]] == [agent.pk]
    for _ in range(2):
        assert owner.post(path, {"active": "yes"}).status_code == 302
    agent.refresh_from_db()
    assert agent.is_active
    told = [one.name for one in journal.life(f"staff:{agent.pk}")]
    assert told == ["people.staff_deactivated", "people.staff_reactivated"]


def test_leaving_ends_a_password_link_too(owner: Client, agent: Staff) -> None:
    token = links.password_link(agent.pk)
    owner.post(page_of(agent, "leave/"))
    assert Client().get(f"/password/{token}/").status_code == 404
    assert owner.post(page_of(agent, "password/")).status_code == 404


def test_a_password_link_is_shown_and_works_once(owner: Client, agent: Staff) -> None:
    shown = owner.post(page_of(agent, "password/"))
    assert agent.email in shown.content.decode()
    path = urlsplit(shown.context["link"]).path
    guest = Client()
    weak = guest.post(path, {"password": "12345678"})
    assert weak.status_code == 422 and 'id="password-error"' in weak.content.decode()
    assert "12345678" not in weak.content.decode()  # a password is never written back
    assert guest.post(path, {"password": GOOD}).status_code == 302
    agent.refresh_from_db()
    assert agent.check_password(GOOD)
    assert Client().post(path, {"password": GOOD}).status_code == 404


def test_whoever_has_a_second_factor_is_asked_for_it_after_a_new_password(
    owner: Client, agent: Staff
) -> None:
    """The link replaces the password, not the second factor: it may have been stolen by mail."""
    Authenticator.objects.create(user=agent, type=Authenticator.Type.TOTP, data={})
    guest = Client()
    answer = guest.post(f"/password/{links.password_link(agent.pk)}/", {"password": GOOD})
    assert answer.headers["Location"] == "/accounts/login/"
    assert "_auth_user_id" not in guest.session


def test_a_lost_second_factor_is_taken_away_and_every_session_ends(
    owner: Client, agent: Staff
) -> None:
    Authenticator.objects.create(user=agent, type=Authenticator.Type.TOTP, data={})
    client = Client()
    client.force_login(agent)
    assert client.get("/account/").status_code == 200
    path = page_of(agent, "sign-out/")
    assert owner.post(path, {"factor": "yes"}).headers["Location"] == page_of(agent)
    assert not Authenticator.objects.filter(user=agent).exists()
    assert client.get("/account/").status_code == 302
    told = [one.data.get("fields") for one in journal.life(f"staff:{agent.pk}")]
    assert ["second_factor"] in told
    owner.post(path, {"factor": "yes"})  # there is none any more: nothing changed
    again = [one.data.get("fields") for one in journal.life(f"staff:{agent.pk}")]
    assert again.count(["second_factor"]) == 1


def test_signing_somebody_out_keeps_his_second_factor(owner: Client, agent: Staff) -> None:
    Authenticator.objects.create(user=agent, type=Authenticator.Type.TOTP, data={})
    client = Client()
    client.force_login(agent)
    assert client.get("/account/").status_code == 200
    owner.post(page_of(agent, "sign-out/"))
    assert client.get("/account/").status_code == 302
    assert Authenticator.objects.filter(user=agent).exists()


def test_an_invitation_is_withdrawn_by_its_button(owner: Client) -> None:
    token = links.invite("new@example.org", "agent", by=None)
    path = f"/settings/people/invitations/{Invitation.objects.get().pk}/withdraw/"
    assert "new@example.org" in owner.get("/settings/people/").content.decode()
    assert owner.post(path).headers["Location"] == "/settings/people/"
    assert "new@example.org" not in owner.get("/settings/people/").content.decode()
    assert Client().get(f"/join/{token}/").status_code == 404
    assert owner.post(path).status_code == 404


@pytest.mark.parametrize(
    "typed",
    [{"email": "nobody", "role": "agent"}, {"email": "a@example.org", "role": "king"}],
)
def test_an_invitation_of_nobody_or_to_nothing_is_refused(
    owner: Client, typed: dict[str, str]
) -> None:
    answer = owner.post("/settings/people/invite/", typed)
    assert answer.status_code == 422 and f'value="{typed["email"]}"' in answer.content.decode()
    assert not Invitation.objects.exists()


def test_the_page_says_whether_the_link_is_mailed_too(owner: Client, settings: Settings) -> None:
    typed = {"email": "new@example.org", "role": "agent"}
    for url, mailed in (("smtp://localhost", True), ("", False)):
        settings.KNOBS = {**settings.KNOBS, "mail_url": url}
        assert owner.post("/settings/people/invite/", typed).context["mailed"] is mailed


def test_pages_about_nobody_are_not_found(owner: Client) -> None:
    for rest in ("", "leave/", "password/", "sign-out/"):
        path = f"/settings/people/987654/{rest}"
        answer = owner.post(path, {"active": "yes"}) if rest else owner.get(path)
        assert answer.status_code == 404, path


def test_the_table_of_rights_says_what_each_role_may(owner: Client) -> None:
    context = owner.get("/settings/rights/").context
    assert context["roles"] == ("owner", "manager", "agent", "analyst")
    assert all(may[0] for _, may in context["rows"])  # an owner may do everything
    assert any(not may[3] for _, may in context["rows"])
